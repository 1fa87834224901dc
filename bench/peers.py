#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Peers of bench/solve: SciPy's L-BFGS-B and gradient descent in PyTorch.

peers.py FOLDER [--budget SECONDS]

Reads the problems and starts that `bench/solve --export FOLDER` wrote and
prints lines of the same form.  Both work in plain variables, as a user of
these tools would write it; progress is judged by the relative gradient in
balanced variables, as everywhere in this benchmark.  SGD has the settings of
published direct optimisations: full batch, learning rate 0.1, momentum 0.9.
What is not installed is skipped with a word on standard error.
"""
import argparse
import json
import pathlib
import sys
import time

try:
    import numpy as np
except ImportError:
    sys.exit("peers.py: skipped: numpy is not installed")

DECADES = 12


class Done(Exception):
    """The run is over: accurate enough, or out of time."""


class Problem:
    """Cross entropy of W_M ... W_1 H and its gradient, in plain variables."""

    def __init__(self, path):
        self.about = json.loads(path.read_text())
        prefix = str(path)[: -len(".json")]
        self.depth = self.about["depth"]
        names = [f"W{m + 1}" for m in range(self.depth)] + ["H"]
        self.start = [np.load(f"{prefix}.{name}.npy") for name in names]
        self.shapes = [factor.shape for factor in self.start]
        self.n = np.array(self.about["samples"], dtype=float)
        self.N = self.n.sum()
        self.lambda_w = float(self.about["lambda_W"])
        self.lambda_h = self.lambda_w * self.about["classes"] / self.N
        L = self.depth + 1
        self.kappa = (self.lambda_w**self.depth * self.lambda_h) ** (1 / L)
        # plain = scale * balanced
        self.scales = [np.sqrt(self.kappa / self.lambda_w)] * self.depth
        self.scales.append(np.sqrt(self.kappa / (self.lambda_h * self.n)))
        at_zero = np.log(self.about["classes"])
        self.floor = 1e-3 * np.sqrt(2 * self.kappa * at_zero)

    def split(self, x):
        parts, at = [], 0
        for shape in self.shapes:
            size = shape[0] * shape[1]
            parts.append(x[at : at + size].reshape(shape))
            at += size
        return parts

    def gradient(self, x):
        """F, the gradient, and that of the penalties, factor by factor."""
        factors = self.split(x)
        inputs = [factors[-1]]
        for W in factors[:-1]:
            inputs.append(W @ inputs[-1])
        z = inputs.pop()
        z = z - z.max(axis=0)
        e = np.exp(z)
        total = e.sum(axis=0)
        F = np.dot(self.n / self.N, np.log(total) - np.diagonal(z))
        g = e / total
        g[np.diag_indices_from(g)] -= 1.0
        g *= self.n / self.N
        loss = [None] * (self.depth + 1)
        for m in reversed(range(self.depth)):
            loss[m] = g @ inputs[m].T
            g = factors[m].T @ g
        loss[-1] = g
        penalty = [self.lambda_w * W for W in factors[:-1]]
        penalty.append(self.lambda_h * self.n * factors[-1])
        F += 0.5 * sum(np.vdot(p, f) for p, f in zip(penalty, factors))
        return F, loss, penalty

    def relative(self, loss, penalty):
        def norm(parts):
            return np.sqrt(
                sum(((s * p) ** 2).sum() for s, p in zip(self.scales, parts))
            )

        total = [a + b for a, b in zip(loss, penalty)]
        return norm(total) / max(self.floor, norm(loss), norm(penalty))


class Watch:
    """Seconds and evaluations to each decade of the relative gradient."""

    def __init__(self, problem, budget):
        self.problem, self.budget = problem, budget
        self.seconds, self.evaluations = [], []
        self.calls, self.best, self.paused, self.F = 0, float("inf"), 0.0, None
        self.begin = time.process_time()

    def note(self, F, loss, penalty):
        now = time.process_time()
        elapsed = now - self.begin - self.paused
        relative = self.problem.relative(loss, penalty)
        if relative < self.best:
            self.best, self.F = relative, F
        while len(self.seconds) < DECADES and relative <= 10.0 ** -(
            len(self.seconds) + 1
        ):
            self.seconds.append(elapsed)
            self.evaluations.append(self.calls)
        self.paused += time.process_time() - now
        if relative <= 1e-12 or elapsed > self.budget:
            raise Done

    def show(self, method, termination):
        rest = [None] * (DECADES - len(self.seconds))
        keys = ["problem", "start", "classes", "width", "depth", "counts"]
        line = {key: self.problem.about[key] for key in keys}
        line.update(
            lambda_W=self.problem.about["lambda_W"],
            method=method,
            seconds=self.seconds + rest,
            evaluations=self.evaluations + rest,
            best_relative_gradient=self.best,
            objective=self.F,
            iterations=self.calls,
            termination=termination,
        )
        print(json.dumps(line), flush=True)


def scipy_lbfgs(problem, budget):
    try:
        from scipy.optimize import minimize
    except ImportError:
        print("peers.py: skipped: scipy is not installed", file=sys.stderr)
        return
    watch = Watch(problem, budget)

    def evaluate(x):
        watch.calls += 1
        F, loss, penalty = problem.gradient(x)
        watch.note(F, loss, penalty)
        return F, np.concatenate(
            [(a + b).ravel() for a, b in zip(loss, penalty)]
        )

    x = np.concatenate([factor.ravel() for factor in problem.start])
    options = {"maxcor": 20, "ftol": 0.0, "gtol": 0.0}
    options.update(maxiter=10**7, maxfun=10**7)
    termination = "stalled"
    try:
        minimize(evaluate, x, jac=True, method="L-BFGS-B", options=options)
    except Done:
        termination = "gradient" if watch.best <= 1e-12 else "interrupted"
    watch.show("SciPy L-BFGS-B, plain variables", termination)


def torch_sgd(problem, budget):
    try:
        import torch
    except ImportError:
        print("peers.py: skipped: torch is not installed", file=sys.stderr)
        return
    torch.set_num_threads(1)
    factors = [
        torch.tensor(np.ascontiguousarray(f), requires_grad=True)
        for f in problem.start
    ]
    n = torch.tensor(problem.n)
    label = torch.arange(problem.about["classes"])
    optimizer = torch.optim.SGD(factors, lr=0.1, momentum=0.9)
    watch = Watch(problem, budget)
    try:
        while True:
            optimizer.zero_grad()
            z = factors[-1]
            for W in factors[:-1]:
                z = W @ z
            terms = torch.nn.functional.cross_entropy(
                z.T, label, reduction="none"
            )
            F = (n * terms).sum() / problem.N
            F = F + 0.5 * problem.lambda_w * sum(
                (W**2).sum() for W in factors[:-1]
            )
            F = F + 0.5 * problem.lambda_h * (n * factors[-1] ** 2).sum()
            F.backward()
            watch.calls += 1
            if watch.calls % 10 == 0:  # judging costs as much as a step
                now = time.process_time()
                x = np.concatenate([f.detach().numpy().ravel() for f in factors])
                value, loss, penalty = problem.gradient(x)
                watch.paused += time.process_time() - now
                watch.note(value, loss, penalty)
            optimizer.step()
    except Done:
        pass
    watch.show(
        "PyTorch SGD, plain variables",
        "gradient" if watch.best <= 1e-12 else "interrupted",
    )


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--budget", type=float, default=5.0)
    options = parser.parse_args()
    for path in sorted(options.folder.glob("*.json")):
        problem = Problem(path)
        scipy_lbfgs(problem, options.budget)
        torch_sgd(problem, options.budget)


main()
