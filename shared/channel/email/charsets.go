package email

import (
	"encoding/binary"
	"strings"
)

// charset decodes text of a label, nil if there is none such. Labels are those of the
// IANA's list and the WHATWG's that can be decoded at all, whatever their case and
// their dashes.
func charset(label string) func([]byte) string {
	label, _, _ = strings.Cut(strings.ToLower(strings.TrimSpace(label)), ":") // a year
	key := strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, label)
	key = strings.TrimPrefix(strings.TrimPrefix(key, "cs"), "x")
	if decode := universal(key); decode != nil {
		return decode
	}
	name := western(key)
	if name == "" {
		name = eastern(key)
	}
	if name == "" {
		return asian(key)
	}
	return oneByte(name)
}

func universal(key string) func([]byte) string {
	switch key {
	case "utf8", "utf8j", "unicode11utf8", "unicode20utf8", "ascii", "usascii", "ansix341968", "ansix341986", "cp367", "ibm367", "iso646irv", "iso646us", "isoir6", "us":
		return utf8Text
	case "utf16", "utf16be", "unicodefffe":
		return func(text []byte) string { return utf16Text(text, binary.BigEndian) }
	case "utf16le", "iso10646ucs2", "ucs2", "unicode", "unicodefeff":
		return func(text []byte) string { return utf16Text(text, binary.LittleEndian) }
	}
	return nil
}

// western and eastern are the name in letters.txt of a charset of one byte a letter, or "".
func western(key string) string {
	switch key {
	case "windows1252", "cp1252", "iso88591", "ansix31101983", "cp819", "ibm819", "isoir100", "isolatin1", "l1", "latin1":
		return "windows-1252" // ISO 8859-1, and what is written instead of it
	case "iso885915", "isolatin9", "l9", "latin9":
		return "iso-8859-15"
	case "iso88593", "isoir109", "isolatin3", "l3", "latin3":
		return "iso-8859-3"
	case "iso885914", "isoceltic", "isoir199", "l8", "latin8":
		return "iso-8859-14"
	case "iso885910", "isoir157", "isolatin6", "l6", "latin6":
		return "iso-8859-10"
	case "mac", "macintosh", "macroman":
		return "macintosh"
	case "437", "cp437", "ibm437", "pc8codepage437":
		return "ibm437"
	case "850", "cp850", "ibm850", "pc850multilingual":
		return "ibm850"
	case "858", "cp858", "ibm858", "ccsid00858", "cp00858", "ibm00858", "pcmultilingual850euro":
		return "ibm858"
	case "860", "cp860", "ibm860":
		return "ibm860"
	case "863", "cp863", "ibm863":
		return "ibm863"
	case "865", "cp865", "ibm865":
		return "ibm865"
	case "cp037", "ibm037", "ebcdiccpca", "ebcdiccpnl", "ebcdiccpus", "ebcdiccpwt":
		return "ibm037"
	case "ibm1047":
		return "ibm1047"
	case "ibm01140", "cp01140", "ccsid01140", "ebcdicus37euro":
		return "ibm1140"
	}
	return ""
}

func eastern(key string) string {
	switch key {
	case "windows1250", "cp1250":
		return "windows-1250"
	case "windows1251", "cp1251":
		return "windows-1251"
	case "windows1253", "cp1253":
		return "windows-1253"
	case "windows1254", "cp1254", "iso88599", "isoir148", "isolatin5", "l5", "latin5":
		return "windows-1254"
	case "windows1255", "cp1255":
		return "windows-1255"
	case "windows1256", "cp1256":
		return "windows-1256"
	case "windows1257", "cp1257":
		return "windows-1257"
	case "windows1258", "cp1258":
		return "windows-1258"
	case "iso88592", "isoir101", "isolatin2", "l2", "latin2":
		return "iso-8859-2"
	case "iso88594", "isoir110", "isolatin4", "l4", "latin4":
		return "iso-8859-4"
	case "iso88595", "isoir144", "isolatincyrillic", "cyrillic":
		return "iso-8859-5"
	case "iso88596", "iso88596e", "iso88596i", "isoir127", "isolatinarabic", "arabic", "asmo708", "ecma114":
		return "iso-8859-6"
	case "iso88597", "isoir126", "isolatingreek", "greek", "greek8", "ecma118", "elot928", "suneugreek":
		return "iso-8859-7"
	case "iso88598", "iso88598e", "iso88598i", "isoir138", "isolatinhebrew", "hebrew", "logical", "visual":
		return "iso-8859-8"
	case "iso885913":
		return "iso-8859-13"
	case "iso885916", "isoir226", "l10", "latin10":
		return "iso-8859-16"
	case "windows874", "dos874", "iso885911", "tis620":
		return "windows-874" // Thai
	case "koi8r", "koi8", "koi":
		return "koi8-r"
	case "koi8u", "koi8ru":
		return "koi8-u"
	case "maccyrillic", "macukrainian":
		return "x-mac-cyrillic"
	case "852", "cp852", "ibm852", "pcp852":
		return "ibm852"
	case "855", "cp855", "ibm855":
		return "ibm855"
	case "862", "cp862", "ibm862", "pc862latinhebrew":
		return "ibm862"
	case "866", "cp866", "ibm866":
		return "ibm866"
	}
	return ""
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
