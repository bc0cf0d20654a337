package report

import "html/template"

// whole is the page. Its policy allows styles that stand in it, and nothing else.
var whole = template.Must(template.New("whole").Parse(`<!doctype html>
<html lang="{{.Language}}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{{.Title}}</title>
<style>{{.Style}}</style>
</head>
<body>
<main>
<h1>{{.Title}}</h1>
{{with .Subtitle}}<p class="subtitle">{{.}}</p>
{{end}}{{.Body}}{{if .Empty}}<p class="none">no data</p>
{{end}}</main>
</body>
</html>
`))

var parts = template.Must(template.New("parts").Parse(`
{{define "heading"}}<h2>{{.}}</h2>
{{end}}
{{define "text"}}<p>{{.}}</p>
{{end}}
{{define "figures"}}<dl class="figures">
{{range .}}<div><dt>{{.Name}}</dt><dd><b>{{.Value}}</b>{{with .Unit}} {{.}}{{end}}{{with .Note}}<small>{{.}}</small>{{end}}</dd></div>
{{end}}</dl>
{{end}}
{{define "picture"}}<figure>
<div class="wide">{{.Wide}}</div>
<div class="narrow">{{.Narrow}}</div>
</figure>
{{end}}
{{define "table"}}<div class="scroll" role="region" tabindex="0" aria-label="{{or .Caption "table"}}">
<table>
{{with .Caption}}<caption>{{.}}</caption>
{{end}}<thead><tr>{{range .Head}}<th scope="col"{{if .Right}} class="right"{{end}}>{{.Text}}</th>{{end}}</tr></thead>
<tbody>
{{range .Rows}}<tr>{{range .}}<td{{if .Right}} class="right"{{else if .Time}} class="time"{{end}}>{{.Text}}</td>{{end}}</tr>
{{else}}<tr><td colspan="{{.Width}}" class="none">no data</td></tr>
{{end}}</tbody>
</table>
{{if ne .More "0"}}<p class="none">and {{.More}} more row{{if ne .More "1"}}s{{end}}</p>
{{end}}</div>
{{end}}`))

const style = `
:root{color-scheme:light dark;--ground:#fff;--text:#1d2430;--muted:#5b6472;--line:#e4e7ec;--focus:#0072b2}
@media(prefers-color-scheme:dark){:root{--ground:#14181f;--text:#e8ebf0;--muted:#a3adbb;--line:#2a313c;--focus:#56b4e9}}
*{box-sizing:border-box}
body{margin:0;background:var(--ground);color:var(--text);font:16px/1.5 system-ui,-apple-system,'Segoe UI',Roboto,'Helvetica Neue',Arial,'DejaVu Sans',sans-serif}
main{max-width:52rem;margin:0 auto;padding:1.5rem 1rem 3rem}
h1{font-size:1.6rem;line-height:1.25;margin:0 0 .25rem;overflow-wrap:anywhere}
h2{font-size:1.2rem;margin:2.5rem 0 .5rem;overflow-wrap:anywhere}
p{overflow-wrap:anywhere}
.subtitle,.none{color:var(--muted);margin-top:0}
.figures{display:grid;grid-template-columns:repeat(auto-fit,minmax(9rem,1fr));gap:1rem;margin:1.5rem 0}
.figures div{border-top:2px solid var(--line);padding-top:.5rem}
.figures dt{color:var(--muted);font-size:.85rem;overflow-wrap:anywhere}
.figures dd{margin:0;overflow-wrap:anywhere}
.figures b{font-size:1.5rem;font-weight:600;font-variant-numeric:tabular-nums}
.figures small{display:block;color:var(--muted)}
figure{margin:1.5rem 0}
figure svg.freshet-chart{display:block;max-width:100%;height:auto}
.narrow{display:none}
@media(max-width:40rem){.wide{display:none}.narrow{display:block}.narrow>svg{width:100%}}
.scroll{overflow-x:auto;margin:1.5rem 0}
.scroll:focus-visible{outline:2px solid var(--focus);outline-offset:2px}
table{border-collapse:collapse;font-size:.9rem}
caption{text-align:left;font-weight:600;padding:0 0 .4rem}
th,td{text-align:left;padding:.3rem 1.25rem .3rem 0;border-bottom:1px solid var(--line);vertical-align:top}
td:first-child{min-width:9rem}
th{color:var(--muted);font-weight:500;white-space:nowrap}
td.right,td.time{white-space:nowrap}
.right{text-align:right;font-variant-numeric:tabular-nums}
@media print{figure,tr{break-inside:avoid}h2{break-after:avoid}}
`
