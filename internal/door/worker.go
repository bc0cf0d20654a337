package door

import "os"

// WorkerEnvironment is the variable that turns a program into a worker: see package worker. It is here
// as package stream has to know it, and nothing else of that package.
const WorkerEnvironment = "FRESHET_WORKER"

// InWorker reports whether the process is to be a worker.
func InWorker() bool { return os.Getenv(WorkerEnvironment) != "" }
