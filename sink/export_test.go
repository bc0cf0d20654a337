package sink

// SQLFaultOf is what the sink knows of errors by itself.
var SQLFaultOf = sqlFaultOf

// SQLRowsOfFirstVersion are the rows of a checkpoint, as those had them that did not hold the statement.
func SQLRowsOfFirstVersion(rows ...[]any) []byte {
	data := []byte{sqlRowsVersion1}
	for _, row := range rows {
		data = appendSQLArguments(data, row)
	}
	return data
}

// Placeholders counts those of a statement.
var Placeholders = placeholders
