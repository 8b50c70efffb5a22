package channel

import "hash/fnv"

// MadeUpName is how somebody is called on an emulated platform: the same person is
// always called the same.
func MadeUpName(id string) (first, last string) {
	firsts := []string{"Ada", "Bruno", "Chiara", "Daan", "Elif", "Femi", "Grete", "Hugo", "Ines", "Jonas", "Kaya", "Luan", "Mara", "Noor", "Oscar", "Pia"}
	lasts := []string{"Abara", "Brandt", "Castel", "Dunne", "Ekdahl", "Ferro", "Gruber", "Haddad", "Ito", "Jansen", "Kowal", "Lindqvist", "Moreau", "Novak", "Okafor", "Prado"}
	h := fnv.New32a()
	h.Write([]byte(id))
	n := int(h.Sum32() >> 8)
	return firsts[n%len(firsts)], lasts[n/len(firsts)%len(lasts)]
}
