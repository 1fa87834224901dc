# SPDX-License-Identifier: GPL-3.0-or-later
# Measurements, built and run by make bench only.  A new one is one name in
# this list; bench/NAME.c is its source.
bench_programs = bench/kernel bench/multistart bench/orbits bench/soft bench/solve \
  bench/verify
EXTRA_PROGRAMS += $(bench_programs)
CLEANFILES += $(bench_programs)
EXTRA_DIST += bench/README.md bench/peers.py bench/sweep.json

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
EXTRA_PROGRAMS += bench/profile
CLEANFILES += bench/profile
bench_profile_SOURCES = bench/profile.c
bench_profile_LDADD = $(JANSSON_LIBS) -lm

bench_solve_SOURCES = bench/grid.c bench/grid.h bench/solve.c
bench_solve_LDADD = libufm-private.la $(LIBS)

bench: all $(bench_programs)
	for program in $(bench_programs); do \
	  OPENBLAS_NUM_THREADS=1 ./$$program > $$program.jsonl || exit 1; \
	  cat $$program.jsonl; \
	done
.PHONY: bench
clean-local: clean-bench
clean-bench:
	rm -f bench/*.jsonl
.PHONY: clean-bench
