package casework

import (
	"context"
	"encoding/hex"
	"slices"
	"strings"

	"amana"
	"amana/internal/claim"
	"amana/internal/record"
)

// EraseCode is what somebody types to say which record is to be erased: it is of this
// record and says nothing of what is in it.
func EraseCode(id amana.RecordID) string {
	return strings.ToUpper(hex.EncodeToString(id[len(id)-3:]))
}

// EraseClaim destroys a record of [ClaimKinds] for good, with the evidence that belongs
// to it, on every device: see [vault.Session.Erase]. It is for supervisors and
// administrators who may write there. What others wrote down of it, see
// [Desk.NamedBy], stays until it is erased too; so does what was released. contested is
// as in [Desk.EraseCase]. Kinds: FieldErrors, ErrRefused, ErrNotFound.
func (d *Desk) EraseClaim(ctx context.Context, id amana.RecordID, reason, code, contested string) error {
	o, err := d.openClaim(ctx, id)
	if err != nil {
		return err
	}
	me := d.Me()
	if !d.worksIn(o.Teams, me.ID) || !me.Has(amana.RoleSupervisor) && !me.Has(amana.RoleAdministrator) {
		return refusal("erase.refused.role")
	}
	bad := FieldErrors{}
	if !strings.EqualFold(strings.TrimSpace(code), EraseCode(id)) {
		bad["code"] = "invalid.code.other"
	}
	if !slices.Contains(Reasons(), reason) {
		bad["reason"] = string(record.FaultRequired)
	}
	if len(bad) > 0 {
		return bad
	}
	return d.eraseAll(ctx, id, reason, contested)
}

// NamedBy returns the incidents that hold words of an account, or name an actor or a
// publication: they are not erased with it.
func NamedBy(w claim.World, id amana.RecordID) (list []claim.Incident) {
	for _, in := range w.Chronology() {
		named := slices.ContainsFunc(in.Claims, func(c claim.Claim) bool { return c.Account == id || c.In == id || c.Cited == id }) ||
			slices.ContainsFunc(in.Attributions, func(a claim.Attribution) bool { return a.Actor == id })
		if named {
			list = append(list, in)
		}
	}
	return list
}
