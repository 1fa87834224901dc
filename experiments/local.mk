# SPDX-License-Identifier: GPL-3.0-or-later
# One program per claim, on the shared harness.  A new one is one name in this
# list; experiments/NAME.c is its source.
experiment_programs = \
  experiments/dln_balanced experiments/dln_imbalanced \
  experiments/minority_collapse experiments/ce_balanced experiments/ce_deep \
  experiments/certified_optima experiments/certified_digits \
  experiments/collapse_diagram experiments/deep_jump \
  experiments/imbalance_ratio \
  experiments/mixup_fixed_etf experiments/mixup_joint \
  experiments/mixup_imbalanced experiments/label_smoothing
EXTRA_PROGRAMS += $(experiment_programs)
CLEANFILES += $(experiment_programs)
EXTRA_DIST += experiments/validate

experiment_ldadd = libufm.la $(GSL_LIBS) $(CBLAS_LIBS) $(MPFR_LIBS) \
  $(JANSSON_LIBS)
harness = experiments/harness.c experiments/harness.h \
  experiments/harness_instance.c experiments/harness_private.h \
  experiments/csv.c experiments/csv.h
experiments_dln_balanced_SOURCES = experiments/dln_balanced.c $(harness)
experiments_dln_balanced_LDADD = $(experiment_ldadd)
experiments_dln_imbalanced_SOURCES = experiments/dln_imbalanced.c $(harness)
experiments_dln_imbalanced_LDADD = $(experiment_ldadd)
experiments_minority_collapse_SOURCES = experiments/minority_collapse.c \
  $(harness)
experiments_minority_collapse_LDADD = $(experiment_ldadd)
experiments_ce_balanced_SOURCES = experiments/ce_balanced.c $(harness)
experiments_ce_balanced_LDADD = $(experiment_ldadd)
experiments_ce_deep_SOURCES = experiments/ce_deep.c $(harness)
experiments_ce_deep_LDADD = $(experiment_ldadd)
experiments_certified_optima_SOURCES = experiments/certified_optima.c \
  $(harness)
experiments_certified_optima_LDADD = $(experiment_ldadd)
experiments_certified_digits_SOURCES = experiments/certified_digits.c $(harness)
experiments_certified_digits_LDADD = libufm-check.la $(experiment_ldadd)
experiments_collapse_diagram_SOURCES = experiments/collapse_diagram.c $(harness)
experiments_collapse_diagram_LDADD = $(experiment_ldadd)
experiments_deep_jump_SOURCES = experiments/deep_jump.c $(harness)
experiments_deep_jump_LDADD = $(experiment_ldadd)
experiments_imbalance_ratio_SOURCES = experiments/imbalance_ratio.c $(harness)
experiments_imbalance_ratio_LDADD = $(experiment_ldadd)
experiments_mixup_fixed_etf_SOURCES = experiments/mixup_fixed_etf.c experiments/channels.c \
  experiments/channels.h $(harness)
experiments_mixup_fixed_etf_LDADD = $(experiment_ldadd)
experiments_mixup_joint_SOURCES = experiments/mixup_joint.c $(harness)
experiments_mixup_joint_LDADD = $(experiment_ldadd)
experiments_mixup_imbalanced_SOURCES = experiments/mixup_imbalanced.c $(harness)
experiments_mixup_imbalanced_LDADD = $(experiment_ldadd)
experiments_label_smoothing_SOURCES = experiments/label_smoothing.c $(harness)
experiments_label_smoothing_LDADD = $(experiment_ldadd)

# Runs them all with their quick cases and prints one table of all claims.
validate: all $(experiment_programs)
	OPENBLAS_NUM_THREADS=1 $(srcdir)/experiments/validate \
	  validation $(experiment_programs)
.PHONY: validate
clean-local: clean-validation
clean-validation:
	rm -rf validation
.PHONY: clean-validation
