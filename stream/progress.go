package stream

type progressLine struct{}

func (*progressLine) begin(*run) func() { return func() {} }
