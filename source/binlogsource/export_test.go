package binlogsource

// Window has snapshots read as on a MySQL, which cannot say where a snapshot is.
func Window() Option { return func(c *config) { c.window = true } }
