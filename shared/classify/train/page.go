package train

import (
	_ "embed"
	"fmt"
	"html/template"
	"io"
	"strings"
)

//go:embed page.html
var pageSource string

var page = template.Must(template.New("report").Funcs(template.FuncMap{
	"percent": percent, "probability": probability, "place": place, "base": base, "short": short, "listed": listed,
	"megabytes": func(n int) string { return fmt.Sprintf("%.2f MB", float64(n)/1e6) },
	"three":     func(v float64) string { return fmt.Sprintf("%.3f", v) },
}).Parse(pageSource))

// HTML writes the report as one page that needs nothing else.
func (r *Report) HTML(w io.Writer) error {
	return page.Execute(w, struct {
		*Report
		CalibrationPlot, CoveragePlot template.HTML
		Enough                        int
	}{r, r.calibrationPlot(), r.coveragePlot(), EnoughExamples})
}

// A plot is side by side pixels, with room for the scales on the left and below.
const (
	side = 320
	gap  = 44
)

func x(v float64) string { return fmt.Sprintf("%.1f", gap+v*side) }
func y(v float64) string { return fmt.Sprintf("%.1f", 12+(1-v)*side) }

// frame draws the axes; their scales go from 0 to 1, upwards from low.
func frame(b *strings.Builder, title, across, up string, low float64) {
	fmt.Fprintf(b, `<svg viewBox="0 0 %d %d" role="img" aria-label="%s"><title>%s</title>`, side+gap+16, side+gap+16, title, title)
	for i := range 6 {
		v := float64(i) / 5
		fmt.Fprintf(b, `<line class="grid" x1="%s" y1="%s" x2="%s" y2="%s"/><line class="grid" x1="%s" y1="%s" x2="%s" y2="%s"/>`,
			x(0), y(v), x(1), y(v), x(v), y(0), x(v), y(1))
		fmt.Fprintf(b, `<text x="%d" y="%s" dy="4" text-anchor="end">%.0f</text><text x="%s" y="%d" text-anchor="middle">%.0f</text>`,
			gap-6, y(v), 100*(low+v*(1-low)), x(v), side+30, 100*v)
	}
	fmt.Fprintf(b, `<text x="%s" y="%d" text-anchor="middle">%s, %%</text>`, x(0.5), side+48, across)
	fmt.Fprintf(b, `<text transform="translate(11 %s) rotate(-90)" text-anchor="middle">%s, %%</text>`, y(0.5), up)
}

// calibrationPlot shows how often answers are right against how sure they are. A
// dot's area is its share of the texts.
func (r *Report) calibrationPlot() template.HTML {
	var b strings.Builder
	frame(&b, "Calibration", "sure", "right", 0)
	fmt.Fprintf(&b, `<line class="ideal" x1="%s" y1="%s" x2="%s" y2="%s"/>`, x(0), y(0), x(1), y(1))
	total := 0
	for _, bin := range r.Bins {
		total += bin.Texts
	}
	var path []string
	var dots strings.Builder
	for _, bin := range r.Bins {
		if bin.Texts == 0 {
			continue
		}
		path = append(path, x(bin.Sure)+","+y(bin.Right))
		fmt.Fprintf(&dots, `<circle cx="%s" cy="%s" r="%.1f"><title>%d texts: %.1f %% sure, %.1f %% right</title></circle>`,
			x(bin.Sure), y(bin.Right), 2.5+9*float64(bin.Texts)/float64(total), bin.Texts, 100*bin.Sure, 100*bin.Right)
	}
	fmt.Fprintf(&b, `<polyline points="%s"/>%s</svg>`, strings.Join(path, " "), dots.String())
	return template.HTML(b.String())
}

// coveragePlot shows how often answers are right against the share of the texts
// that are answered, the surest first.
func (r *Report) coveragePlot() template.HTML {
	low := 1.0
	for _, c := range r.Curve {
		low = min(low, c.Precision)
	}
	low = float64(int(low*10)) / 10
	if low >= 1 {
		low = 0.9
	}
	var b strings.Builder
	frame(&b, "Coverage", "share answered", "right", low)
	var path []string
	for _, c := range r.Curve {
		path = append(path, x(c.Share)+","+y((c.Precision-low)/(1-low)))
	}
	wanted := y((r.Precision - low) / (1 - low))
	if r.Precision >= low {
		fmt.Fprintf(&b, `<line class="ideal" x1="%s" y1="%s" x2="%s" y2="%s"/>`, x(0), wanted, x(1), wanted)
	}
	fmt.Fprintf(&b, `<polyline points="%s"/></svg>`, strings.Join(path, " "))
	return template.HTML(b.String())
}
