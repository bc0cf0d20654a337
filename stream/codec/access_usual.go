package codec

// usual reads a usual line of printable ASCII without backslashes, in which no field needs to be unescaped or escaped. It reports false for any other.
func (d *accessDecoder) usual(b []byte, v *AccessRecord) bool {
	l := &d.line
	if !l.cut(b, &d.minute) {
		return false
	}
	host := b[:l.host]
	var seen uint8
	for _, c := range host {
		seen |= hostBytes[c]
	}
	if seen != hostByte || isDash(host) {
		return false
	}
	*v = AccessRecord{Time: l.at, Status: l.status, Bytes: l.bytes(b)}
	v.Host = d.hosts.String(host)
	if user := b[l.host+3 : l.user]; !isDash(user) {
		v.User = d.users.String(user)
	}
	d.escapes, d.text = false, true
	d.request(d.field(b[l.request:l.requestEnd]), v)
	if referer := b[l.referer:l.refererEnd]; !isDash(referer) {
		v.Referer = d.referers.String(referer)
	}
	if agent := b[l.agent : len(b)-1]; !isDash(agent) {
		v.UserAgent = d.agents.String(agent)
	}
	return true
}
