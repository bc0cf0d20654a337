package hdfsfs

import (
	"fmt"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
)

// message makes a message of the NameNode's protocol. The library has them in an internal package, and registers them.
func message(name string, fields map[protoreflect.Name]any) (proto.Message, error) {
	kind, err := protoregistry.GlobalTypes.FindMessageByName(protoreflect.FullName("hadoop.hdfs." + name))
	if err != nil {
		return nil, fmt.Errorf("github.com/colinmarc/hdfs has no %s: %w", name, err)
	}
	m := kind.New()
	for field, v := range fields {
		d := kind.Descriptor().Fields().ByName(field)
		if d == nil {
			return nil, fmt.Errorf("github.com/colinmarc/hdfs has no %s.%s", name, field)
		}
		m.Set(d, protoreflect.ValueOf(v))
	}
	return m.Interface(), nil
}

// result returns the field of that name of an answer.
func result(m proto.Message) bool {
	d := m.ProtoReflect().Descriptor().Fields().ByName("result")
	return d != nil && m.ProtoReflect().Get(d).Bool()
}

// ask makes a call of which the library exports none.
func (l *link) ask(method string, request, response string, fields map[protoreflect.Name]any) (proto.Message, error) {
	req, err := message(request, fields)
	if err != nil {
		return nil, err
	}
	resp, err := message(response, nil)
	if err != nil {
		return nil, err
	}
	return resp, l.execute(method, req, resp)
}
