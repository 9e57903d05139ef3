package seal

import "testing"

// Slips are told apart by powers of x: they must all differ.
func TestField_xGeneratesAll(t *testing.T) {
	if power(65535) != 1 {
		t.Fatal("x to the 65535 is not 1")
	}
	for _, prime := range []int{3, 5, 17, 257} { // the factors of 65535
		if power(65535/prime) == 1 {
			t.Errorf("the order of x divides 65535/%d", prime)
		}
	}
}
