package parquetsource

import (
	"errors"
	"fmt"

	"github.com/parquet-go/parquet-go"

	"github.com/freshet-go/freshet/source"
)

// An opened file is being read.
type opened[T any] struct {
	in      *input
	file    *parquet.File
	print   string
	decoder decoder[T]
}

// openFile opens a file, and sees whether its columns are what T wants.
func (r *run[T]) openFile(name string) (*opened[T], error) {
	in, err := r.dir.open(r.ctx, name)
	if err != nil {
		return nil, r.readError(name, "footer", err)
	}
	o := &opened[T]{in: in}
	if o.file, o.print, err = openFooter(in, r.maxPage); err == nil {
		o.decoder, err = r.newDecoder(o.file, in)
	}
	if err == nil {
		return o, nil
	}
	failure := in.failure()
	_ = in.Close() // it was only read from
	if failure != nil {
		return nil, r.readError(name, "footer", failure)
	}
	return nil, r.readError(name, "footer", damage(err))
}

func (o *opened[T]) close() error {
	o.decoder.end()
	return o.in.Close()
}

// errDamaged is the mark of what is damaged: not of what its medium has failed to give, nor of types that do not fit.
var errDamaged = errors.New("the file is damaged")

func damage(err error) error {
	if errors.As(err, new(*typeError)) {
		return err
	}
	return fmt.Errorf("%w: %w", errDamaged, err)
}

// readError says what could not be read, and where.
func (r *run[T]) readError(name, at string, err error) error {
	if cause := r.ctx.Err(); cause != nil && errors.Is(err, cause) {
		return err
	}
	return &source.ReadError{Source: r.dir.path(name), Offset: at, Err: err}
}

// passOver returns the error that ends the run, or nil if err is of what is damaged, and is passed over.
func (r *run[T]) passOver(err error) error {
	var read *source.ReadError
	if r.corrupt == nil || !errors.Is(err, errDamaged) || !errors.As(err, &read) {
		return err
	}
	if err := r.corrupt(read); err != nil {
		return err
	}
	r.logger.Warn("what is damaged is passed over", "file", read.Source, "at", read.Offset, "cause", read.Err)
	return nil
}
