package markup

func A(inside ...Node) Node        { return element("a", inside) }
func Article(inside ...Node) Node  { return element("article", inside) }
func Aside(inside ...Node) Node    { return element("aside", inside) }
func Body(inside ...Node) Node     { return element("body", inside) }
func Button(inside ...Node) Node   { return element("button", inside) }
func DataList(inside ...Node) Node { return element("datalist", inside) }
func Dd(inside ...Node) Node       { return element("dd", inside) }
func Details(inside ...Node) Node  { return element("details", inside) }
func Div(inside ...Node) Node      { return element("div", inside) }
func Dl(inside ...Node) Node       { return element("dl", inside) }
func Dt(inside ...Node) Node       { return element("dt", inside) }
func FieldSet(inside ...Node) Node { return element("fieldset", inside) }
func FormEl(inside ...Node) Node   { return element("form", inside) }
func H1(inside ...Node) Node       { return element("h1", inside) }
func H2(inside ...Node) Node       { return element("h2", inside) }
func H3(inside ...Node) Node       { return element("h3", inside) }
func HTML(inside ...Node) Node     { return element("html", inside) }
func Head(inside ...Node) Node     { return element("head", inside) }
func Header(inside ...Node) Node   { return element("header", inside) }
func LabelEl(inside ...Node) Node  { return element("label", inside) }
func Legend(inside ...Node) Node   { return element("legend", inside) }
func Li(inside ...Node) Node       { return element("li", inside) }
func Main(inside ...Node) Node     { return element("main", inside) }
func Nav(inside ...Node) Node      { return element("nav", inside) }
func Ol(inside ...Node) Node       { return element("ol", inside) }
func Option(inside ...Node) Node   { return element("option", inside) }
func P(inside ...Node) Node        { return element("p", inside) }
func Script(inside ...Node) Node   { return element("script", inside) }
func Section(inside ...Node) Node  { return element("section", inside) }
func Select(inside ...Node) Node   { return element("select", inside) }
func Span(inside ...Node) Node     { return element("span", inside) }
func Strong(inside ...Node) Node   { return element("strong", inside) }
func Summary(inside ...Node) Node  { return element("summary", inside) }
func TBody(inside ...Node) Node    { return element("tbody", inside) }
func THead(inside ...Node) Node    { return element("thead", inside) }
func Table(inside ...Node) Node    { return element("table", inside) }
func Td(inside ...Node) Node       { return element("td", inside) }
func Textarea(inside ...Node) Node { return element("textarea", inside) }
func Th(inside ...Node) Node       { return element("th", inside) }
func Time(inside ...Node) Node     { return element("time", inside) }
func TitleEl(inside ...Node) Node  { return element("title", inside) }
func Tr(inside ...Node) Node       { return element("tr", inside) }
func Ul(inside ...Node) Node       { return element("ul", inside) }

// These have nothing inside.

func Br() Node                      { return void("br", nil) }
func Img(attributes ...Node) Node   { return void("img", attributes) }
func Input(attributes ...Node) Node { return void("input", attributes) }
func Link(attributes ...Node) Node  { return void("link", attributes) }
func Meta(attributes ...Node) Node  { return void("meta", attributes) }
