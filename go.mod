module github.com/freshet-go/freshet

go 1.27.0

toolchain go1.27.4

require (
	github.com/klauspost/compress v1.20.3
	github.com/stretchr/testify v1.11.1
	gopkg.in/yaml.v3 v3.0.1
)

require (
	github.com/davecgh/go-spew v1.1.1 // indirect
	github.com/pmezard/go-difflib v1.0.0 // indirect
)
