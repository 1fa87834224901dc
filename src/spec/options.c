/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The one list of options: the command line, SPEC files and the manual all come
   from it. */
#include <config.h>

#include <ufm/spec.h>

const ufm_option *ufm_option_list(void)
{
  static const ufm_option list[] = {
      {"loss", "mse|ce", UFM_OPTION_PROBLEM,
       "loss of a column: squared error (default) or cross entropy"},
      {"counts", "N_1,...,N_K", UFM_OPTION_PROBLEM, "samples of each class"},
      {"classes", "K", UFM_OPTION_PROBLEM,
       "number of classes, with --per-class samples each"},
      {"per-class", "N", UFM_OPTION_PROBLEM,
       "samples of each of --classes classes (default 1)"},
      {"profile", "PROFILE", UFM_OPTION_PROBLEM,
       "counts by formula: exp:K:NMAX:RATIO, step:K:NMAX:RATIO:MINORITY or "
       "zipf:K:NMAX[:EXPONENT]"},
      {"depth", "M", UFM_OPTION_PROBLEM,
       "number of weight matrices (default 1)"},
      {"width", "D", UFM_OPTION_PROBLEM,
       "width of every layer (default: the number of classes)"},
      {"widths", "D_1,...,D_M", UFM_OPTION_PROBLEM,
       "width of each layer, features first"},
      {"bias", "none|free|ridge", UFM_OPTION_PROBLEM,
       "bias: none (default), without penalty, or with --lambda-b"},
      {"lambda-W", "X[,...,X_M]", UFM_OPTION_PROBLEM,
       "penalty of the weight matrices, W_1 (next to the features) first; a "
       "decimal or p/q, kept exact"},
      {"lambda-H", "X", UFM_OPTION_PROBLEM, "penalty of the features"},
      {"lambda-b", "X", UFM_OPTION_PROBLEM, "penalty of a ridge bias"},
      {"targets", "onehot|smooth:EPS|mixup:LAW|file:T.npy[,WEIGHTS.npy]",
       UFM_OPTION_PROBLEM,
       "targets: one-hot (default), label smoothing, mixup with "
       "beta=ALPHA[,nodes=Q][,rule=jacobi|tanh-sinh] or grid=LAM[@W];... and "
       "[,same=P], or the columns of a K x J matrix"},
      {"fix-W", "etf:M", UFM_OPTION_PROBLEM,
       "fix the classifier to a simplex ETF, W W^T = M^2 (I - J/K); only the "
       "features and the bias are optimised, lambda-W may be left out"},
      {"unmerged", NULL, UFM_OPTION_PROBLEM,
       "keep one column per sample instead of one per class"},
      {"method", "NAME", UFM_OPTION_SOLVE,
       "minimizer, a name from 'ufm list' (default auto: lbfgs, then newton "
       "where that stalls or is slow)"},
      {"tol", "G", UFM_OPTION_SOLVE,
       "relative gradient to stop at (default 1e-10)"},
      {"max-iter", "N", UFM_OPTION_SOLVE,
       "iterations of each start (default 10000)"},
      {"starts", "S", UFM_OPTION_SOLVE, "number of starts (default 1)"},
      {"jobs", "N", UFM_OPTION_SOLVE,
       "processes that share the starts (default 1); results do "
       "not depend on N"},
      {"swaps", "T", UFM_OPTION_SOLVE,
       "minimisations after exchanging two classes of different counts, at "
       "most T after each start (default: 20 for each class after codes, "
       "homotopies and, from the second on, starts of auto; 0 after others)"},
      {"seed", "S", UFM_OPTION_SOLVE, "seed of the starts (default 0)"},
      {"start", "auto|random|spectral|theory|codes|homotopy|PREFIX",
       UFM_OPTION_SOLVE,
       "kind of starts: auto (default: random, spectral where every local "
       "minimum is global, and several starts of ce with a width below K - 1 "
       "or depth >= 2 also codes and homotopies, by "
       "turns), random, spectral, the closed form, spherical codes, from "
       "other penalties, or a point saved with --save PREFIX"},
      {"reduce", "auto|orbits|none", UFM_OPTION_SOLVE,
       "solve for groups of classes with equal counts instead of classes, and "
       "for orbits of columns with mixup: where that is exact and pays "
       "(default), always, or never"},
      {"digits", "D", UFM_OPTION_DIGITS,
       "significant digits of closed forms (default 30) and certificates "
       "(default 50)"},
      {"verify", NULL, UFM_OPTION_VERIFY,
       "refine the point and prove bounds of the global optimum"},
      {"certificate", "FILE", UFM_OPTION_VERIFY,
       "write the certificate for ufm-check; implies --verify"},
      {"refute", "FILE", UFM_OPTION_VERIFY,
       "write the proof, for ufm-check, that no simplex ETF is a global "
       "optimum because the point is better (ce, depth >= 2); implies "
       "--verify"},
      {"bracket", "TOL", UFM_OPTION_PHASE,
       "bracket every change of the optimum's rank by points with proved rank, "
       "to relative width TOL"},
      {NULL, NULL, UFM_OPTION_PROBLEM, NULL}};

  return list;
}
