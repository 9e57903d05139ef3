package arch

import (
	"io/fs"
	"os"
	"path"
	"regexp"
	"strings"
	"testing"
)

// requirements are the field's numbered requirements on claims, evidence and what
// leaves, each with the tests that would fail if it broke: package and name. The
// numbers are those of the forty that were drawn from the standards of the field.
var requirements = map[int][]string{
	3: { // consent per purpose, recipient and item; no default yes, expiry, withdrawal
		"release TestClear_failsClosed", "release TestClear_everyField", "release TestClear_withdrawnMeanwhile", "casework TestRelease_byStandingConsentOnly",
		"casework TestRelease_grantAndWithdrawalAtOnce", "casework TestRecalls_overBundles", "referral TestCovers",
	},
	5: {"casework TestRelease_canaries", "exchange TestClear_columnsOnly", "exchange TestRecord_noBirthday"}, // nothing that identifies leaves
	11: { // the log of changes and openings: every alteration is found
		"vault TestDamage_everyFlippedByteOfAFileIsNamed", "vault TestDamage_aTailCutAtAnyLength", "journal TestScan_findsEveryFlippedByte",
		"vault TestVault_mainJob", "casework TestClaims_rules",
	},
	12: { // originals immutable, working copies linked and scrubbed
		"evidence TestReader_findsEveryCutAtAChunkEveryFlipAndEverySwap", "casework TestEvidence_fromTakingInToWorkingCopy",
		"scrub TestCopy_hasThePointsAndNothingElse", "scrub TestDocument_hasThePicturesOfItsPagesAndNothingElse", "scrub TestFilm_keepsPicturesAndSoundWhereTheyWere",
	},
	22: {"claim TestAssessment_apartFromTheType"}, // the link with a conflict is apart from the type
	23: {"claim TestVerified_needsAPrimarySource", "claim TestStatus_threeSteps", "casework TestClaims_rules"},
	24: {"claim TestActor_nameOfThen"}, // the name valid on the day
	25: { // attributions coexist, are never overwritten, and all leave
		"claim TestAttributions_neverOverwritten", "casework TestAttribution_removedByAChangedProgram", "huridocs TestRoundTrip",
	},
	26: {"claim TestCommand_gapsAreGaps"},
	29: { // erasure, and digests that confirm no guess
		"vault TestErase_leavesNothing", "casework TestEraseClaim_everywhere", "evidence TestContent_confirmsNoGuess", "evidence TestSigned_IDConfirmsNoGuess",
	},
	30: {"timestamp TestTree_provesEveryLeafAndNothingElse", "timestamp TestToken_ofARealAuthority", "casework TestDossier_leavesByConsentAndIsVerified"},
	34: { // a package for a prosecutor that a third party verifies
		"dossier TestDossier_verifiesWithNothingButTheFile", "dossier TestDossier_isABag", "dossier TestRedactions_openForTheCustodiansTogether",
	},
	36: {"huridocs TestRoundTrip", "casework TestClaims_exportedAndTakenIn"},
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
	for n, tests := range requirements {
		for _, name := range tests {
			if !there[name] {
				t.Errorf("requirement %d: there is no test %s", n, name)
			}
		}
	}
}
