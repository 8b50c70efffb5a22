package email

import (
	"strings"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"
)

// charset decodes text of a label, nil if there is none such. Labels are those of the
// IANA's list and the WHATWG's that can be decoded at all, whatever their case and
// their dashes. They are switches so that the linker leaves the tables out of the
// functions that read no mail, unlike the indexes that come with golang.org/x/text.
func charset(label string) func([]byte) string {
	label, _, _ = strings.Cut(strings.ToLower(strings.TrimSpace(label)), ":") // a year
	key := strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, label)
	key = strings.TrimPrefix(strings.TrimPrefix(key, "cs"), "x")
	enc := western(key)
	if enc == nil {
		enc = eastern(key)
	}
	if enc == nil {
		return asian(key)
	}
	return func(text []byte) string {
		out, err := enc.NewDecoder().Bytes(text)
		if err != nil { // none of them fails
			return string(text)
		}
		return string(out)
	}
}

func western(key string) encoding.Encoding {
	switch key {
	case "utf8", "utf8j", "unicode11utf8", "unicode20utf8", "ascii", "usascii", "ansix341968", "ansix341986", "cp367", "ibm367", "iso646irv", "iso646us", "isoir6", "us":
		return unicode.UTF8
	case "utf16", "utf16be", "unicodefffe":
		return unicode.UTF16(unicode.BigEndian, unicode.UseBOM)
	case "utf16le", "iso10646ucs2", "ucs2", "unicode", "unicodefeff":
		return unicode.UTF16(unicode.LittleEndian, unicode.UseBOM)
	case "windows1252", "cp1252", "iso88591", "ansix31101983", "cp819", "ibm819", "isoir100", "isolatin1", "l1", "latin1":
		return charmap.Windows1252 // ISO 8859-1, and what is written instead of it
	case "iso885915", "isolatin9", "l9", "latin9":
		return charmap.ISO8859_15
	case "iso88593", "isoir109", "isolatin3", "l3", "latin3":
		return charmap.ISO8859_3
	case "iso885914", "isoceltic", "isoir199", "l8", "latin8":
		return charmap.ISO8859_14
	case "iso885910", "isoir157", "isolatin6", "l6", "latin6":
		return charmap.ISO8859_10
	case "mac", "macintosh", "macroman":
		return charmap.Macintosh
	case "437", "cp437", "ibm437", "pc8codepage437":
		return charmap.CodePage437
	case "850", "cp850", "ibm850", "pc850multilingual":
		return charmap.CodePage850
	case "858", "cp858", "ibm858", "ccsid00858", "cp00858", "ibm00858", "pcmultilingual850euro":
		return charmap.CodePage858
	case "860", "cp860", "ibm860":
		return charmap.CodePage860
	case "863", "cp863", "ibm863":
		return charmap.CodePage863
	case "865", "cp865", "ibm865":
		return charmap.CodePage865
	case "cp037", "ibm037", "ebcdiccpca", "ebcdiccpnl", "ebcdiccpus", "ebcdiccpwt":
		return charmap.CodePage037
	case "ibm1047":
		return charmap.CodePage1047
	case "ibm01140", "cp01140", "ccsid01140", "ebcdicus37euro":
		return charmap.CodePage1140
	}
	return nil
}

func eastern(key string) encoding.Encoding {
	switch key {
	case "windows1250", "cp1250":
		return charmap.Windows1250
	case "windows1251", "cp1251":
		return charmap.Windows1251
	case "windows1253", "cp1253":
		return charmap.Windows1253
	case "windows1254", "cp1254", "iso88599", "isoir148", "isolatin5", "l5", "latin5":
		return charmap.Windows1254
	case "windows1255", "cp1255":
		return charmap.Windows1255
	case "windows1256", "cp1256":
		return charmap.Windows1256
	case "windows1257", "cp1257":
		return charmap.Windows1257
	case "windows1258", "cp1258":
		return charmap.Windows1258
	case "iso88592", "isoir101", "isolatin2", "l2", "latin2":
		return charmap.ISO8859_2
	case "iso88594", "isoir110", "isolatin4", "l4", "latin4":
		return charmap.ISO8859_4
	case "iso88595", "isoir144", "isolatincyrillic", "cyrillic":
		return charmap.ISO8859_5
	case "iso88596", "iso88596e", "iso88596i", "isoir127", "isolatinarabic", "arabic", "asmo708", "ecma114":
		return charmap.ISO8859_6
	case "iso88597", "isoir126", "isolatingreek", "greek", "greek8", "ecma118", "elot928", "suneugreek":
		return charmap.ISO8859_7
	case "iso88598", "iso88598e", "iso88598i", "isoir138", "isolatinhebrew", "hebrew", "logical", "visual":
		return charmap.ISO8859_8
	case "iso885913":
		return charmap.ISO8859_13
	case "iso885916", "isoir226", "l10", "latin10":
		return charmap.ISO8859_16
	case "windows874", "dos874", "iso885911", "tis620":
		return charmap.Windows874 // Thai
	case "koi8r", "koi8", "koi":
		return charmap.KOI8R
	case "koi8u", "koi8ru":
		return charmap.KOI8U
	case "maccyrillic", "macukrainian":
		return charmap.MacintoshCyrillic
	case "852", "cp852", "ibm852", "pcp852":
		return charmap.CodePage852
	case "855", "cp855", "ibm855":
		return charmap.CodePage855
	case "862", "cp862", "ibm862", "pc862latinhebrew":
		return charmap.CodePage862
	case "866", "cp866", "ibm866":
		return charmap.CodePage866
	}
	return nil
}

func asian(key string) func([]byte) string {
	read := map[string]func([]byte) (rune, int){"chinese": gb18030, "big5": big5, "korean": eucKR, "shiftjis": shiftJIS, "eucjp": eucJP}
	switch key {
	case "shiftjis", "sjis", "ms932", "mskanji", "windows31j":
		key = "shiftjis"
	case "eucjp", "eucpkdfmtjapanese", "extendedunixcodepackedformatforjapanese":
		key = "eucjp"
	case "gb18030", "gbk", "gb2312", "gb231280", "iso58gb231280", "isoir58", "chinese", "cp936", "ms936", "windows936":
		key = "chinese"
	case "big5", "big5hkscs", "cnbig5", "xbig5":
		key = "big5"
	case "euckr", "isoir149", "korean", "ksc5601", "ksc56011987", "ksc56011989", "windows949":
		key = "korean"
	case "iso2022jp":
		return iso2022JP
	case "hzgb2312":
		return hz
	default:
		return nil
	}
	return func(text []byte) string { return asianText(text, read[key]) }
}
