// Package mse estimates how many there are of whom no list has everyone: multiple
// systems estimation, also called capture-recapture, from several incomplete lists
// that partly name the same people.
//
// Four families of estimators are here, since none is right by itself: [Chao] with
// the sample-coverage estimators of Chao and Tsay, log-linear models ([LogLinear]),
// averages over decomposable graphs ([DGA]) and a Bayesian mixture of latent
// classes ([LCMCR]). [Check] says beforehand what the lists cannot bear.
//
// What no estimator can do: two models may fit the lists equally well and say any
// number of those whom no list has. Each rests on an assumption that the data
// cannot test, and its result says which. With two lists nothing can be said, and
// nothing is.
//
// The package knows no people: it takes counts of patterns and returns numbers. It
// imports nothing of the module, so that others can use it. All results are a
// function of table, options and seed, on any number of cores.
package mse
