package email

import "ines/shared/pattern"

// What mail programs write around the mail that is answered, in the languages that
// they speak. RE2's \b knows ASCII only: it is not used beside other letters.

// attributions are the lines before a quote, by how they begin and end.
var attributions = []*pattern.Late{
	{Expr: `^On\b.+\b(wrote|writes)\s*:$`},
	{Expr: `^Le\s.+\sa écrit\s*:$`},
	{Expr: `^(Am|Den|Um)\s.+\sschrieb(\s.*)?:$`},
	{Expr: `^Am\s.+\sgeschrieben\s*:$`},
	{Expr: `^E[ln]\s.+\sescribió\s*:$`},
	{Expr: `^(Em|No dia|A|Na)\s.+\sescreveu\s*:$`},
	{Expr: `^.+>\s*escreveu\s*\(.+\)\s*:$`},
	{Expr: `^(Il|In data)\s.+\sha scritto\s*:$`},
	{Expr: `^Op\s.+\s(schreef|geschreven)(\s.*)?:$`},
	{Expr: `^(Den\s|[\p{L}]{2,8}\.?,?\s+\d|\d).+\sskrev(\s.*)?:$`}, // Swedish, Danish, Norwegian
	{Expr: `^.+\skirjoitti(\s.+)?:$`},
	{Expr: `^.+\s(napisał|napisała|napisał\(a\)|pisze)\s*:$`},
	{Expr: `^Wiadomość napisana przez\s.+:$`},
	{Expr: `^.+\s(napsal|napsala|napsal\(a\)|napísal|napísala|napísal\(a\))\s*:$`}, // Czech, Slovak
	{Expr: `^.+\s(написал|написала|написал\(а\)|пишет|писал|писала|пише|написав|написав\(-ла\))\s*:$`},
	{Expr: `^.+\syazdı(\s*\(.+\))?\s*:$`},
	{Expr: `^.+(のメール|書きました)\s*:$`},
	{Expr: `^.+(写道|寫道|写到)\s*:$`},
	{Expr: `^.+(님이 작성|작성)\s*:$`},
	{Expr: `^.+\sezt írta(\s*\(.+\))?\s*:$`},
	{Expr: `^(În|In|Pe)\s.+\sa scris\s*:$`},
	{Expr: `^.+\sέγραψε\s*:$`},
}

var (
	// attributionStart is how the first line of one begins that is folded.
	attributionStart = pattern.Late{Expr: `^(On|Le|Am|Um|Den|El|En|Em|No dia|A|Na|Il|In data|Op|W dniu|Dnia|Dne|Dňa|În|In|Pe|Στις|Wiadomość napisana|在|於)\s|^\d|^[\p{L}]{2,9}[.,]{0,2}\s*\d`}
	dated            = pattern.Late{Expr: `(^|[^\d])((19|20)\d\d([^\d]|$)|\d{1,2}[./-]\s?\d{1,2}[./-]\s?\d{2,4})`}
	timed            = pattern.Late{Expr: `\d{1,2}:\d{2}|\b(kl|klo|kello|ore|um|om|o|v|la)\.? \d{1,2}\.\d{2}`}
	addressed        = pattern.Late{Expr: `[<(\[]\s*(mailto:)?[^<>()\s]+@[^<>()\s]+[>)\]]`}
	// openAddress is one that the fold of a line may have cut off.
	openAddress = pattern.Late{Expr: `<\s*(mailto:)?[^<>\s]*@?[^<>\s]*>?|@`}
)

// What stands around the words for a line of the head of another mail, as Outlook and
// others show it.
const headBegin, headEnd = `(?i)^[*_]*(?:`, `)\s*[:：][*_]*\s*\S`

var (
	blockFrom = pattern.Late{Expr: headBegin + `from|de|von|da|van|från|fra|lähettäjä|od|nadawca|odesílatel|от|від|gönderen|kimden|差出人|送信者|发件人|寄件者|寄件人|보낸 사람|feladó|de la|από` + headEnd}
	// blockSent are dates that nobody writes by himself; a "Date:" may be a
	// traveller's.
	blockSent = pattern.Late{Expr: headBegin + `sent|envoyé|gesendet|enviado|enviado el|enviado em|enviada em|enviada|inviato|verzonden|skickat|sendt|lähetetty|wysłano|odesláno|odoslané|отправлено|надіслано|gönderildi|gönderilme tarihi|gönderme tarihi|送信日時|送信済み|发送时间|寄件日期|傳送日期|보낸 날짜|elküldve|trimis|στάλθηκε` + headEnd}
	blockDate = pattern.Late{Expr: headBegin + `date|datum|fecha|data|dato|päivämäärä|päiväys|dátum|дата|tarih|日付|日時|日期|날짜|ημερομηνία` + headEnd}
	blockTo   = pattern.Late{Expr: headBegin + `to|à|an|para|a|aan|till|til|vastaanottaja|do|komu|кому|kime|宛先|收件人|收件者|받는 사람|címzett|către|προς|cc|kopia|kopi|kopio|dw|kopie|копия` + headEnd}
	blockSubj = pattern.Late{Expr: headBegin + `subject|objet|betreff|asunto|assunto|oggetto|onderwerp|ämne|emne|aihe|temat|předmět|predmet|тема|konu|件名|主题|主旨|제목|tárgy|subiect|θέμα` + headEnd}
)

// separator is a line below which programs put the mail that is answered.
var separator = pattern.Late{Expr: `(?i)^\s*(_{8,}|[-_=*]{2,}\s*(?:original message|original appointment|original email|message d'origine|message d’origine|message original|` +
	`ursprüngliche nachricht|originalnachricht|original-nachricht|mensaje original|mensagem original|messaggio originale|oorspronkelijk bericht|oorspronkelijk e-mailbericht|` +
	`ursprungligt meddelande|originalmeddelande|oprindelig meddelelse|original meddelelse|opprinnelig melding|alkuperäinen viesti|oryginalna wiadomość|wiadomość oryginalna|` +
	`původní zpráva|pôvodná správa|исходное сообщение|оригинальное сообщение|вихідне повідомлення|özgün ileti|orijinal mesaj|orijinal ileti|元のメッセージ|original message|` +
	`原始邮件|原始郵件|原始信件|邮件原件|원본 메시지|원본 메일|eredeti üzenet|mesaj original|αρχικό μήνυμα)` + `\s*[-_=*]{2,})\s*$`}

// sentFrom is the advertisement that phones and programs put below a text.
var sentFrom = pattern.Late{Expr: `(?i)^\s*[-–—]*\s*(` +
	`sent from (my|mail|outlook|yahoo|proton|samsung|gmail|the all new|aol|fastmail|hey)\b.*|sent (via|with|using) (blackberry|spark|superhuman|airmail|the .* app|.* secure email)\b.*|` +
	`get outlook for .*|get bluemail for .*|download (the )?.* mail app\b.*|` +
	`envoyé (de|depuis|à partir) (de |d'|d’)?(mon|ma|outlook|yahoo|courrier|l'app|l’app|un)\b.*|(obtenez|obtenir|télécharger|téléchargez) outlook .*|` +
	`von (meinem|meiner) .*gesendet\.?|gesendet (mit der|mit|von|aus) (mail|outlook|meinem|meiner|gmx|web\.de|der|proton|yahoo)\b.*|diese nachricht wurde von meinem .* gesendet\.?|(holen sie sich|laden sie) outlook .*|outlook für .* (beziehen|herunterladen)|` +
	`enviado (desde|do|de|a partir do) (mi|meu|minha|outlook|yahoo|correo|o outlook)\b.*|(obtener|obter|baixar|descargar|obtenha o) outlook .*|` +
	`inviato da(l mio|lla mia|l)? .*|(ottieni|scarica) outlook .*|` +
	`(verzonden|verstuurd) (vanaf|met|vanuit) .*|outlook voor .* (downloaden|ophalen)|download outlook voor .*|` +
	`skickat från .*|skaffa outlook .*|hämta outlook .*|sendt fra .*|sendt med .*|hent outlook .*|få outlook .*|last ned outlook .*|` +
	`lähetetty .*(puhelime|iphone|ipad|android|outlook|samsung|laitteesta).*|hanki outlook .*|` +
	`wysłan[eo] z .*|pobierz (aplikację )?outlook .*|odesláno (z|ze) .*|odoslané z .*|získejte outlook .*|stáhnout outlook .*|` +
	`отправлено (с|из|от) .*|скачать outlook .*|надіслано (з|із) .*|` +
	`.*(iphone|ipad|android|telefonum|samsung).*gönderildi\.?|(android|ios) için outlook.*|` +
	`(iphone|ipad|android|galaxy|スマートフォン).*から送信(されました)?。?|.*を使用して送信(されました)?。?|(android|ios) 版 outlook.*|` +
	`(发自|發自|從我的|从我的|使用) ?.*(iphone|ipad|手机|手機|邮箱|outlook|华为|小米|傳送).*|나의 .*에서 보냄|(내 )?(iphone|ipad|android|갤럭시).*(에서|로부터) (보냄|전송)|` +
	`küldve az? .*|trimis de pe .*|στάλθηκε από .*` +
	`)\s*(<[^<>]*>)?\s*$`}

var (
	// forwardSubject: "VS" is left out, which means a forward to Danes and an answer
	// to Finns.
	forwardSubject = pattern.Late{Expr: `(?i)^\s*(fwd?|fw|wg|tr|rv|enc|doorst|i|vb|vl|pd|ilt|İlt|İLT|пересл|转发|轉寄|転送|전달|továbbítás)\s*[:：]`}
	forwardMark    = pattern.Late{Expr: `(?i)^\s*([-_*=]{2,}\s*(?:forwarded message|forwarded email|message transféré|message réexpédié|courriel transféré|weitergeleitete nachricht|` +
		`mensaje reenviado|mensagem encaminhada|mensagem reencaminhada|messaggio inoltrato|doorgestuurd bericht|vidarebefordrat meddelande|vidarebefordrat brev|videresendt meddelelse|videresendt besked|` +
		`videresendt melding|videresendt e-post|välitetty viesti|edelleenlähetetty viesti|przekazana wiadomość|wiadomość przekazana|přeposlaná zpráva|preposlaná správa|пересылаемое сообщение|пересланное сообщение|переслане повідомлення|` +
		`iletilen mesaj|İletilen mesaj|yönlendirilmiş ileti|yönlendirilen ileti|転送されたメッセージ|転送メッセージ|转发的邮件|转发邮件|已转发邮件|轉寄的郵件|轉寄郵件|전달된 메시지|továbbított üzenet|mesaj redirecționat)` + `.*` +
		`|[-_*=]{2,}\s*forwarded by .*` +
		`|(?:begin forwarded message|début du message transféré|début du message réexpédié|début de message transféré|anfang der weitergeleiteten nachricht|anfang der weitergeleiteten e-mail|` +
		`inicio del mensaje reenviado|início da mensagem encaminhada|início da mensagem reencaminhada|início da mensagem reenviada|inizio messaggio inoltrato|begin doorgestuurd bericht|vidarebefordrat brev|vidarebefordrat mejl|` +
		`start på videresendt besked|videresendt e-post|videresendt melding|välitetty viesti alkaa|początek przekazanej wiadomości|wiadomość napisana przez użytkownika|začátek přeposílané zprávy|začátek přeposlané zprávy|` +
		`начало переадресованного сообщения|начало пересылаемого сообщения|iletilmiş mesajın başlangıcı|İletilmiş mesajın başlangıcı|İletilen mesajın başlangıcı|iletilen mesajın başlangıcı|転送されたメッセージ|下面是被转发的邮件|以下是轉寄的郵件|개시 전달된 메시지|továbbított levél kezdete)` +
		`\s*[:：])\s*$`}
)

// aboveThis is our own marker, and those of other desks.
var aboveThis = pattern.Late{Expr: `(?i)(reply|write|type your reply|please reply) above this line|antworten sie oberhalb dieser (linie|zeile)|répondez au-dessus de cette ligne|escriba su respuesta (por )?encima de esta línea`}
