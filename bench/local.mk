# SPDX-License-Identifier: GPL-3.0-or-later
# Measurements, built and run by make bench only.  A new one is one name in
# this list; bench/NAME.c is its source.
bench_programs = bench/kernel bench/multistart bench/orbits bench/soft \
  bench/verify
EXTRA_PROGRAMS += $(bench_programs)
CLEANFILES += $(bench_programs)
EXTRA_DIST += bench/README.md bench/peers.py bench/profile.tex \
  bench/profile_measured.csv bench/sweep.json

bench_verify_SOURCES = bench/verify.c
bench_verify_LDADD = libufm-check.la libufm-private.la $(LIBS)

bench_multistart_SOURCES = bench/multistart.c
bench_multistart_LDADD = libufm-private.la $(LIBS)

bench_orbits_SOURCES = bench/orbits.c
bench_orbits_LDADD = libufm-check.la libufm-private.la $(LIBS)

bench_soft_SOURCES = bench/soft.c
bench_soft_LDADD = libufm-private.la $(LIBS)

bench_kernel_SOURCES = bench/kernel.c
bench_kernel_LDADD = libufm-private.la $(LIBS)

# Reads what bench/solve and bench/peers.py wrote.
EXTRA_PROGRAMS += bench/profile bench/solve
CLEANFILES += bench/profile bench/solve
bench_profile_SOURCES = bench/profile.c
bench_profile_LDADD = $(JANSSON_LIBS) -lm

bench_solve_SOURCES = bench/grid.c bench/grid.h bench/solve.c
bench_solve_LDADD = libufm-private.la $(LIBS)

# The methods side by side, and with Python's solvers where those are installed:
# a table, and performance profiles as CSV (the figure bench/profile.pdf).
bench: all $(bench_programs) bench/profile
	for program in $(bench_programs); do \
	  OPENBLAS_NUM_THREADS=1 ./$$program > $$program.jsonl || exit 1; \
	  cat $$program.jsonl; \
	done
	$(MAKE) $(AM_MAKEFLAGS) bench-methods

bench_methods = --export bench/problems
bench-methods: all bench/solve bench/profile
	rm -rf bench/problems && $(MKDIR_P) bench/problems
	OPENBLAS_NUM_THREADS=1 bench/solve $(bench_methods) > bench/solve.jsonl
	OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 /usr/bin/python3 \
	  $(srcdir)/bench/peers.py bench/problems > bench/peers.jsonl || :
	bench/profile bench/solve.jsonl bench/peers.jsonl
	bench/profile --plot bench/solve.jsonl bench/peers.jsonl \
	  > bench/profile.csv
.PHONY: bench bench-methods
if HAVE_PAPER_TOOLS
bench/profile.pdf: bench/profile.tex paper/figures/style.tex
	$(AM_V_GEN)$(MKDIR_P) bench && cd bench && \
	  TEXINPUTS='.:$(abs_top_srcdir)/bench:$(paper_inputs):' latexmk -pdf -silent \
	    -interaction=nonstopmode -halt-on-error \
	    '$(abs_top_srcdir)/bench/profile.tex' > profile.latexmk 2>&1
endif
clean-local: clean-bench
clean-bench:
	rm -rf bench/*.jsonl bench/profile.csv bench/problems
	rm -f bench/profile.aux bench/profile.fdb_latexmk bench/profile.fls \
	  bench/profile.latexmk bench/profile.log bench/profile.pdf
.PHONY: clean-bench
