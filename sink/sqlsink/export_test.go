package sqlsink

// FaultOf is what the sink knows of errors by itself.
var FaultOf = faultOf

// RowsOfFirstVersion are the rows of a checkpoint, as those had them that did not hold the statement.
func RowsOfFirstVersion(rows ...[]any) []byte {
	data := []byte{rowsVersion1}
	for _, row := range rows {
		data = appendArguments(data, row)
	}
	return data
}

// Placeholders counts those of a statement.
var Placeholders = placeholders
