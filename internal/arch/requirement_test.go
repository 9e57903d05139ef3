package arch

import (
	"io/fs"
	"os"
	"path"
	"regexp"
	"strings"
	"testing"
)

// requirements are the forty that were drawn from the standards of the field, ranked,
// each with the tests that would fail if it broke: package and name.
var requirements = map[int][]string{
	1: { // compartments do not mix
		"vault TestVault_teamsDoNotSeeEachOther", "vault TestKeys_ofOneMemberOpenNothingOfOtherTeams", "casework TestClaims_otherCompartmentsReadNothing",
		"vault TestTogether_membersNeverSeeEachOthersRecords",
	},
	2: { // care with every documentation refused, and with no case at all
		"casework TestReferral_wholeWithAllOtherPurposesRefused", "e2e TestJourneys", "web TestBare_helpWithoutACase", "casework TestHours_withoutACase",
	},
	3: { // consent per purpose, recipient and item; no default yes, expiry, withdrawal
		"release TestClear_failsClosed", "release TestClear_everyField", "release TestClear_withdrawnMeanwhile", "casework TestRelease_byStandingConsentOnly",
		"casework TestRelease_grantAndWithdrawalAtOnce", "casework TestRecalls_overBundles", "referral TestCovers",
	},
	4:  {"window TestAt_lastMinute", "window TestAt_unknownIsOpen", "casework TestClock_runsFromTheAssault", "casework TestClock_unknownIsOpen", "web TestUrgent_headsTheDay"},
	5:  {"casework TestRelease_canaries", "exchange TestClear_columnsOnly", "exchange TestRecord_noBirthday"}, // nothing that identifies leaves
	6:  {"vault TestCanary_isNowhereButOnTheScreen", "vault TestCanary_wouldBeFound", "e2e TestThief"},
	7:  {"e2e TestPublicPage_leavesNothingOnTheDisk", "web TestPublicPage_leavesNoTrace", "web TestLeave"},
	8:  {"disclose TestSuppress_holdsAgainstLinearProgramming", "disclose TestAttacker_findsWhatPrimarySuppressionLeaves", "tabulate TestExporters_takeOnlySafe"},
	9:  {"disclose TestPrepare_yearToDateMinusMonth", "disclose TestPrepare_sequencesHoldAgainstLinearProgramming", "disclose TestConsolidate"},
	10: {"casework TestGuard_beforeAnyAccount", "casework TestGuard_aSecondIncident", "web TestGuard_isOnThePage"},
	11: { // the log of changes and openings: every alteration is found
		"vault TestDamage_everyFlippedByteOfAFileIsNamed", "vault TestDamage_aTailCutAtAnyLength", "journal TestScan_findsEveryFlippedByte",
		"vault TestVault_mainJob", "casework TestClaims_rules",
	},
	12: { // originals immutable, working copies linked and scrubbed
		"evidence TestReader_findsEveryCutAtAChunkEveryFlipAndEverySwap", "casework TestEvidence_fromTakingInToWorkingCopy",
		"scrub TestCopy_hasThePointsAndNothingElse", "scrub TestDocument_hasThePicturesOfItsPagesAndNothingElse", "scrub TestFilm_keepsPicturesAndSoundWhereTheyWere",
	},
	13: {"gbv TestTypeOf_vignettes", "gbv TestTypeOf_exactlyOne"},
	14: {"gbv TestContexts_sixRules", "gbv TestContexts_noIsNo", "gbv TestContexts_seventeenEighteen"},
	15: {"record TestCheckCode_findsEverySlip", "record TestNewCode_isFrozen"},
	16: {"casework TestCases_supervisorsSeeCodesOnly", "casework TestBreakGlass", "web TestSupervision_holdsNoName"},
	17: {"stats TestAdd_golden", "stats TestIncluded", "stats TestAdd_rowsSumToTheHeadline", "stats TestAdd_consentHoldsForEveryTable", "stats TestBook_hasTheStandardsIDs"},
	18: {"gbv TestElapsed_days", "gbv TestElapsed_unknown"},
	19: {"referral TestMove", "referral TestCourse_laws", "referral TestOverdue", "referral TestMeasure_equalsAHandCount", "casework TestReferral_overdue"},
	20: {"directory TestFreshness", "directory TestFor_freshness", "directory TestNow_saysWhatIsInTime"},
	21: {"directory TestFor_safeHousePlaceNeverLeaves", "directory TestFor_obeysClasses", "web TestServiceFiles_safeHousePlaceNeverLeaves"},
	22: {"claim TestAssessment_apartFromTheType"}, // the link with a conflict is apart from the type
	23: {"claim TestVerified_needsAPrimarySource", "claim TestStatus_threeSteps", "casework TestClaims_rules"},
	24: {"claim TestActor_nameOfThen"}, // the name valid on the day
	25: { // attributions coexist, are never overwritten, and all leave
		"claim TestAttributions_neverOverwritten", "casework TestAttribution_removedByAChangedProgram", "huridocs TestRoundTrip",
	},
	26: {"claim TestCommand_gapsAreGaps"},
	27: {"child TestRule_atEveryEdge", "child TestSilent_neverTakesACaregiversWord", "casework TestChildren_consentAtEveryAge", "window TestAt_laws"},
	28: {"web TestNotice_comesBeforeAnyQuestion", "casework TestReporting_isKeptInTheConsent", "web TestAskReferral_tellsOfReportingFirst"},
	29: { // erasure, and digests that confirm no guess
		"vault TestErase_leavesNothing", "casework TestEraseClaim_everywhere", "evidence TestContent_confirmsNoGuess", "evidence TestSigned_IDConfirmsNoGuess",
	},
	30: {"timestamp TestTree_provesEveryLeafAndNothingElse", "timestamp TestToken_ofARealAuthority", "casework TestDossier_leavesByConsentAndIsVerified"},
	31: {"vault TestKill_losesNothingThatWasAcknowledged", "casework TestTogether_aConflictIsSeenWhereTheRecordIs", "vault TestDevices_threeInAnyOrder", "vault TestDisk_full"},
	32: {"disclose TestClear_needsEveryParty", "web TestRelease_leavesOnlyWhenAllAgreed", "casework TestFigures_approvalsAreOfOthersAndOfThis"},
	33: {"disclose TestClearRows", "disclose TestClearRows_areWhatTheTablesSay", "casework TestFigures_rows"},
	34: { // a package for a prosecutor that a third party verifies
		"dossier TestDossier_verifiesWithNothingButTheFile", "dossier TestStranger_readsTheFrozenDossier", "dossier TestDossier_isABag", "dossier TestRedactions_openForTheCustodiansTogether",
	},
	35: {"i18n TestLocal_fallsBackVisibly", "i18n TestMessages_complete", "i18n TestDirection", "web TestWords_journey", "web TestPublicPage_inBroughtLanguages"},
	36: {"huridocs TestRoundTrip", "casework TestClaims_exportedAndTakenIn"},
	37: {"task TestReachOf", "task TestOf_neverMeansNever", "casework TestTasks_neverContactYieldsNothing", "referral TestContact_neverYieldsNothing", "web TestReminder_isNeutral"},
	38: {"disclose TestPercent", "stats TestIndicators_unknown", "referral TestMeasure_tellsNoPercentageOfAFew", "web TestOverview_definesItsFigures"},
	39: {"mse TestPrepare_stopsWhereNothingCanBeSaid", "casework TestEstimate_offUntilAllowedThenOnRecord", "web TestEstimates_areOffUntilAllowed"},
	40: { // an exporter without what the gate cleared fails
		"huridocs TestWrite_needsTheGate", "dossier TestWrite_refusesWhatWasNotClearedForIt", "referral TestPack_byTheRulesOfTheGate",
		"letter TestSeal_onlyWhatWasClearedForThisOne", "exchange TestClear_columnsOnly", "brief TestCompose_onlyWhatIsForThePublic",
		"arch TestExporters_takeWhatAGateMade", "arch TestCleared_onlyTheGateMakesOne",
	},
}

var testNamed = regexp.MustCompile(`(?m)^func (Test\w+)\(`)

// A requirement has its tests: none of them is taken away or renamed unnoticed.
func TestRequirements_haveTheirTests(t *testing.T) {
	root := os.DirFS("../..")
	there := map[string]bool{}
	err := walk(root, func(file string) error {
		if !strings.HasSuffix(file, "_test.go") {
			return nil
		}
		src, err := fs.ReadFile(root, file)
		if err != nil {
			return err
		}
		for _, m := range testNamed.FindAllSubmatch(src, -1) {
			there[path.Base(path.Dir(file))+" "+string(m[1])] = true
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for n := range 40 {
		if len(requirements[n+1]) == 0 {
			t.Errorf("requirement %d has no test", n+1)
		}
	}
	for n, tests := range requirements {
		for _, name := range tests {
			if !there[name] {
				t.Errorf("requirement %d: there is no test %s", n, name)
			}
		}
	}
}
