package stream

// lazily is the constraint of a type parameter that is always bool and that
// Go infers, so that no caller ever writes it: Filter[_ lazily] is called as
// Filter is.
//
// Go compiles each method without type parameters for every type that its
// receiver is instantiated with, called or not, and all that it reaches. A
// method with a type parameter is compiled where it is called. A pipeline
// has dozens of types that flow, and uses a method or two of each.
type lazily interface{ bool }
