package sqldb

import (
	"reflect"
	"slices"
)

// Denied reports whether an error says that the database does not know the user, or that the password is wrong or has expired: trying again
// with the same one does no good, and may lock the account. It goes by what drivers have in common, as FaultOf does.
func Denied(err error) bool {
	for e := range causes(err) {
		if x, ok := e.(interface{ SQLState() string }); ok && (x.SQLState() == "28000" || x.SQLState() == "28P01") { // pgx, lib/pq
			return true
		}
		if v := reflect.Indirect(reflect.ValueOf(e)); v.Kind() == reflect.Struct {
			n := v.FieldByName("Number") // go-sql-driver/mysql
			if n.IsValid() && n.Kind() == reflect.Uint16 && slices.Contains([]uint64{1045, 1698, 1820, 1862}, n.Uint()) {
				return true
			}
		}
	}
	return false
}
