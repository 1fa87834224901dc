# SPDX-License-Identifier: GPL-3.0-or-later
# Each program validates one published claim: it prints what it compared and
# exits with 0 when the claim holds.  A new one is one name in this list;
# experiments/NAME.c is its source.
experiment_programs =
EXTRA_PROGRAMS += $(experiment_programs)
CLEANFILES += $(experiment_programs)

# Runs all of them, even after a failure, and says how many claims held.
validate: all $(experiment_programs)
	@passed=0; failed=0; \
	for program in $(experiment_programs); do \
	  echo "== $$program"; \
	  if srcdir='$(abs_top_srcdir)' LC_ALL=C ./$$program; then \
	    passed=`expr $$passed + 1`; \
	  else \
	    echo "$$program failed"; failed=`expr $$failed + 1`; \
	  fi; \
	done; \
	echo "$$passed claims hold, $$failed fail"; \
	test $$passed -gt 0 || \
	  echo 'validate: experiment_programs in experiments/local.mk is empty' >&2; \
	test $$passed -gt 0 && test $$failed -eq 0
.PHONY: validate
