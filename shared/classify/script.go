package classify

// LearnedLanguages are those that share a script with others: the language head is
// trained to tell them apart. What a script gives away needs no learning.
var LearnedLanguages = []string{
	"ca", "cs", "da", "de", "en", "es", "et", "eu", "fi", "fr", "hr", "hu", "id", "is", "it", "lt", "lv", "nb",
	"nl", "pl", "pt", "ro", "sk", "sl", "sq", "sv", "tl", "tr", "vi",
	"be", "bg", "kk", "mk", "mn", "ru", "sr", "uk",
	"ar", "fa", "ur",
	"hi", "mr",
}
