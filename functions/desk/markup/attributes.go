package markup

func Action(value string) Node       { return Attr("action", value) }
func Alt(value string) Node          { return Attr("alt", value) }
func AutoComplete(value string) Node { return Attr("autocomplete", value) }
func Charset(value string) Node      { return Attr("charset", value) }
func Class(value string) Node        { return Attr("class", value) }
func Content(value string) Node      { return Attr("content", value) }
func DateTime(value string) Node     { return Attr("datetime", value) }
func Dir(value string) Node          { return Attr("dir", value) }
func For(value string) Node          { return Attr("for", value) }
func Height(value string) Node       { return Attr("height", value) }
func Href(value string) Node         { return Attr("href", value) }
func ID(value string) Node           { return Attr("id", value) }
func Lang(value string) Node         { return Attr("lang", value) }
func List(value string) Node         { return Attr("list", value) }
func Method(value string) Node       { return Attr("method", value) }
func Name(value string) Node         { return Attr("name", value) }
func Placeholder(value string) Node  { return Attr("placeholder", value) }
func Rel(value string) Node          { return Attr("rel", value) }
func Role(value string) Node         { return Attr("role", value) }
func Rows(value string) Node         { return Attr("rows", value) }
func Scope(value string) Node        { return Attr("scope", value) }
func Src(value string) Node          { return Attr("src", value) }
func TabIndex(value string) Node     { return Attr("tabindex", value) }
func TitleAttr(value string) Node    { return Attr("title", value) }
func Type(value string) Node         { return Attr("type", value) }
func Value(value string) Node        { return Attr("value", value) }
func Width(value string) Node        { return Attr("width", value) }

func Aria(name, value string) Node { return Attr("aria-"+name, value) }
func Data(name, value string) Node { return Attr("data-"+name, value) }

// These say it by being there.

func AutoFocus() Node { return Flag("autofocus") }
func Checked() Node   { return Flag("checked") }
func Defer() Node     { return Flag("defer") }
func Required() Node  { return Flag("required") }
func Selected() Node  { return Flag("selected") }
