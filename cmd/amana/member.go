package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"amana"
	"amana/internal/casework"
)

func (p *program) memberCommand() *cobra.Command {
	c := &cobra.Command{
		Use:         "member",
		Short:       "List, add and remove members",
		Args:        known,
		Annotations: canExit(exitTampered, exitRefused, exitLocked, exitStorage, exitInterrupted),
		RunE:        func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	c.AddCommand(p.memberListCommand(), p.memberAddCommand(), p.memberRemoveCommand())
	return c
}

// memberAnswer is a member as a script sees one.
type memberAnswer struct {
	ID    amana.MemberID `json:"id"`
	Name  string         `json:"name"`
	Roles []amana.Role   `json:"roles"`
	Teams []string       `json:"teams"`
	Left  bool           `json:"left"`
	Here  bool           `json:"here"` // can unlock this device
}

func (p *program) memberListCommand() *cobra.Command {
	var dir string
	var asJSON bool
	c := &cobra.Command{
		Use:   "list",
		Short: "List the members",
		Long: `List the members, past ones too, with their IDs, roles and teams.

Standard input: the passphrase of any member.`,
		Args:        exactly(),
		Annotations: canExit(exitTampered, exitLocked, exitStorage, exitInterrupted),
		RunE: func(c *cobra.Command, _ []string) error {
			return p.atDesk(c.Context(), dir, func(d *casework.Desk) error { return p.listMembers(d, asJSON) })
		},
	}
	dirFlag(c, &dir)
	jsonFlag(c, &asJSON)
	return c
}

func (p *program) listMembers(d *casework.Desk, asJSON bool) error {
	names := map[amana.TeamID]string{}
	for _, t := range d.Teams() {
		names[t.ID] = t.Name
	}
	answer := struct {
		Members []memberAnswer `json:"members"`
	}{[]memberAnswer{}}
	for _, m := range d.Members() {
		teams := []string{}
		for _, t := range m.Teams {
			teams = append(teams, names[t])
		}
		answer.Members = append(answer.Members, memberAnswer{m.ID, m.Name, m.Roles, teams, !m.Left.IsZero(), m.Here})
	}
	if asJSON {
		return p.console.printJSON(answer)
	}
	for _, m := range answer.Members {
		roles := make([]string, 0, len(m.Roles))
		for _, r := range m.Roles {
			roles = append(roles, string(r))
		}
		p.console.printf("%s  %s  %s  %s%s\n", m.ID, m.Name, strings.Join(roles, ", "), strings.Join(m.Teams, ", "), map[bool]string{true: "  (left)"}[m.Left])
	}
	return nil
}

func (p *program) memberAddCommand() *cobra.Command {
	var dir string
	var roles, teams []string
	var asJSON bool
	c := &cobra.Command{
		Use:   "add",
		Short: "Add a member, and print the passphrase to hand over",
		Long: `Add a member. The passphrase that opens this device for them is printed once and
kept nowhere: hand it over in person.

Standard input: the passphrase of an administrator; the new member's name.`,
		Example:     "  amana member add --role caseworker --team " + strings.Repeat("0", 26),
		Args:        exactly(),
		Annotations: canExit(exitTampered, exitRefused, exitLocked, exitStorage, exitInterrupted),
		RunE: func(c *cobra.Command, _ []string) error {
			n, err := parseNewMember(roles, teams)
			if err != nil {
				return err
			}
			return p.atDesk(c.Context(), dir, func(d *casework.Desk) error {
				if n.Name, err = p.console.answer(c.Context(), "Name of the new member"); err != nil {
					return err
				}
				id, passphrase, err := d.AddMember(c.Context(), n)
				if err != nil {
					return err
				}
				if asJSON {
					return p.console.printJSON(map[string]any{"id": id, "passphrase": passphrase})
				}
				p.console.printf("%s\n%s\n", id, passphrase)
				p.console.say("The second line is the passphrase: hand it over in person, it is kept nowhere.\n")
				return nil
			})
		},
	}
	dirFlag(c, &dir)
	jsonFlag(c, &asJSON)
	c.Flags().StringSliceVar(&roles, "role", nil, "`role` of the member: "+roleNames()+" (may be given again)")
	c.Flags().StringSliceVar(&teams, "team", nil, "`ID` of a team that the member joins (may be given again)")
	return c
}

func parseNewMember(roles, teams []string) (casework.NewMember, error) {
	var n casework.NewMember
	for _, r := range roles {
		if !slices.Contains(amana.Roles(), amana.Role(r)) {
			return n, hintedError{usagef("--role %s: there is no such role", r), "the roles are " + roleNames()}
		}
		n.Roles = append(n.Roles, amana.Role(r))
	}
	for _, t := range teams {
		id, err := amana.ParseID[amana.Team](t)
		if err != nil {
			return n, hintedError{usagef("--team: not the ID of a team"), "the page of members and teams shows the IDs"}
		}
		n.Teams = append(n.Teams, id)
	}
	if len(n.Roles) == 0 {
		return n, hintedError{usagef("--role is missing"), "the roles are " + roleNames()}
	}
	return n, nil
}

func roleNames() string {
	names := make([]string, 0, len(amana.Roles()))
	for _, r := range amana.Roles() {
		names = append(names, string(r))
	}
	return strings.Join(names, ", ")
}

func (p *program) memberRemoveCommand() *cobra.Command {
	var dir string
	c := &cobra.Command{
		Use:   "remove MEMBER",
		Short: "Remove a member: what is written after, their keys do not open",
		Long: `Remove a member by ID. New keys begin: what is written from now on, theirs do not
open. What they could read before, they may have kept.

Standard input: the passphrase of an administrator.`,
		Args:        exactly("MEMBER"),
		Annotations: canExit(exitTampered, exitRefused, exitLocked, exitStorage, exitInterrupted),
		RunE: func(c *cobra.Command, args []string) error {
			id, err := amana.ParseID[amana.Member](args[0])
			if err != nil {
				return hintedError{usagef("not the ID of a member"), "amana member list shows them"}
			}
			return p.atDesk(c.Context(), dir, func(d *casework.Desk) error {
				if err := d.RemoveMember(c.Context(), id); err != nil {
					return fmt.Errorf("remove member %s: %w", id, err)
				}
				return nil
			})
		},
	}
	dirFlag(c, &dir)
	return c
}
