// Package worker is a process that drives one instance of a stage for another engine, and what is
// said between the two.
//
// The engine starts the program that the pipeline is written in, with Environment set to a token of its choice.
// The program builds its pipeline as ever, and where it would run it, serves. Its standard input
// and output carry messages. On the output these begin behind the token: what the program has
// printed before is not of them, and what it prints from then on goes to its standard error.
//
// A message is four bytes that say how long the rest is, the highest first; a byte that says what it is; and a body. Numbers
// in bodies are of eight bytes unless said otherwise, the highest first.
//
//	to the worker                          from the worker
//	O  a JSON object: what to open         O  opened
//	G  two bytes: a key group; its state   F  four bytes each: edge, instance; a frame
//	R  what one instance has saved         T  four bytes: so many frames have been taken, since the last T
//	B  begin: all of the state is there    C  a checkpoint: its barrier has been reached
//	F  a frame                             G  two bytes: a key group; its state
//	C  a checkpoint: its barrier           R  what belongs to no key
//	D  a checkpoint: it is durable         S  a checkpoint: its state is complete
//	                                       D  a checkpoint: a committer has committed what it holds
//	                                       W  of a bounded job, behind the frame: four bytes each: edge, instance; its watermark there
//	                                       E  all has been sent
//	                                       X  a text: why the worker ends
//
// State that is long comes in several messages G of one group, or + behind an R.
//
// Frames go in both directions without answers. The engine has no more than Window frames
// under way that were not taken. It reads what the worker sends at all times, or else the worker waits: that is
// how back-pressure reaches a source. Behind C the worker sends nothing until it has
// sent S. What it sends then stands behind the barrier: the engine has passed that on before. The worker ends by itself when its input does.
package worker
