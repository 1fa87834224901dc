/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From the text of --targets to a law or a matrix. */
#include <config.h>

#include <stdlib.h>
#include <string.h>

#include "core/error.h"
#include "core/npy.h"
#include "core/number.h"
#include "core/suggest.h"
#include "spec/spec.h"
#include "spec/targets.h"

enum { NODES_MSE = 16, NODES_CE = 65, MOST_NODES = 100000 };

void ufm__targets_init(ufm__targets *targets)
{
  *targets = (ufm__targets){.kind = UFM_TARGETS_ONEHOT};
  mpq_init(targets->smoothing);
}

void ufm__targets_clear(ufm__targets *targets)
{
  mpq_clear(targets->smoothing);
  ufm_mixing_free(targets->mixing);
  free(targets->matrix);
  free(targets->weight);
}

/* The parts of a mixup text; lists are made as long as the grid. */
typedef struct mixup_text {
  bool beta;
  size_t nodes;  /* 0: not given */
  size_t listed; /* mixing values of the grid */
  const char *rule;
  mpq_t alpha, same;
  bool same_given, weighted;
  mpq_t *lam, *weight;
  ufm_error *error;
} mixup_text;

/* LAM or LAM@W */
static ufm_status read_node(const char *text, size_t i, void *user)
{
  mixup_text *m = user;
  char *copy = strdup(text), *at;
  ufm_status status;

  if (copy == NULL)
    return ufm__no_memory(m->error, "targets");
  at = strchr(copy, '@');
  if (at != NULL)
    *at++ = '\0';
  status =
      ufm__parse_rational(copy, "targets: mixing value", m->lam[i], m->error);
  if (status == UFM_OK && at != NULL)
    status = ufm__parse_rational(at, "targets: weight of a mixing value",
                                 m->weight[i], m->error);
  else
    mpq_set_ui(m->weight[i], 1, 1);
  if (i > 0 && m->weighted != (at != NULL) && status == UFM_OK)
    status = ufm__fail(m->error, UFM_EINVAL,
                       "targets: grid: got some mixing values with @W and some "
                       "without, want all or none");
  m->weighted = at != NULL;
  free(copy);
  return status;
}

static ufm_status read_grid(mixup_text *m, const char *text)
{
  if (m->lam != NULL || m->beta)
    return ufm__fail(m->error, UFM_EINVAL,
                     "targets: mixup: got two laws, want one beta=ALPHA or one "
                     "grid=LAM;...");
  m->listed = ufm__pieces(text, ';');
  if (m->listed > MOST_NODES)
    return ufm__fail(m->error, UFM_EINVAL,
                     "targets: grid: got %zu mixing values, want at most %d",
                     m->listed, MOST_NODES);
  m->lam = calloc(m->listed, sizeof *m->lam);
  m->weight = calloc(m->listed, sizeof *m->weight);
  if (m->lam == NULL || m->weight == NULL) {
    m->listed = 0;
    return ufm__no_memory(m->error, "targets");
  }
  for (size_t l = 0; l < m->listed; l++)
    mpq_inits(m->lam[l], m->weight[l], (mpq_ptr)NULL);
  return ufm__split(text, ';', read_node, m, m->error);
}

/* KEY=VALUE */
static ufm_status read_key(const char *text, size_t i, void *user)
{
  static const char *const keys[] = {"beta", "grid", "nodes", "rule", "same"};
  mixup_text *m = user;
  const char *value = strchr(text, '=');
  char key[16] = "";

  (void)i;
  if (value != NULL && (size_t)(value - text) < sizeof key)
    memcpy(key, text, (size_t)(value - text));
  value = value != NULL ? value + 1 : "";
  if (strcmp(key, "beta") == 0) {
    if (m->lam != NULL)
      return read_grid(m, value); /* complains */
    m->beta = true;
    return ufm__parse_rational(value, "targets: beta", m->alpha, m->error);
  }
  if (strcmp(key, "grid") == 0)
    return read_grid(m, value);
  if (strcmp(key, "nodes") == 0)
    return ufm__parse_size(value, "targets: nodes", 1, MOST_NODES, &m->nodes,
                           m->error);
  if (strcmp(key, "rule") == 0) {
    m->rule = strcmp(value, "jacobi") == 0      ? "jacobi"
              : strcmp(value, "tanh-sinh") == 0 ? "tanh-sinh"
                                                : NULL;
    return m->rule != NULL
               ? UFM_OK
               : ufm__fail(m->error, UFM_EINVAL,
                           "targets: rule: got '%.40s', want jacobi or "
                           "tanh-sinh",
                           value);
  }
  if (strcmp(key, "same") == 0) {
    m->same_given = true;
    return ufm__parse_rational(value, "targets: same", m->same, m->error);
  }
  return ufm__unknown_name(m->error, "targets: mixup", key[0] ? key : text,
                           keys, sizeof keys / sizeof keys[0]);
}

static ufm_status make_law(ufm__targets *targets, const mixup_text *m,
                           ufm_loss loss)
{
  bool jacobi = loss == UFM_LOSS_MSE;
  size_t nodes = m->nodes;

  if (!m->beta && m->lam == NULL)
    return ufm__fail(m->error, UFM_EINVAL,
                     "targets: mixup: want beta=ALPHA or grid=LAM;...");
  if (!m->beta) {
    if (m->nodes > 0 || m->rule != NULL)
      return ufm__fail(m->error, UFM_EINVAL,
                       "targets: mixup: nodes and rule: want them only with "
                       "beta");
    return ufm_mixing_grid(&targets->mixing, m->listed, (const mpq_t *)m->lam,
                           (const mpq_t *)m->weight, m->error);
  }
  if (m->rule != NULL)
    jacobi = strcmp(m->rule, "jacobi") == 0;
  if (nodes == 0)
    nodes = jacobi ? NODES_MSE : NODES_CE;
  return ufm_mixing_beta(&targets->mixing, m->alpha, nodes,
                         jacobi ? UFM_MIXING_JACOBI : UFM_MIXING_TANH_SINH,
                         m->error);
}

static ufm_status read_mixup(ufm__targets *targets, const char *text,
                             ufm_loss loss, ufm_error *error)
{
  mixup_text m = {.error = error};
  ufm_status status;

  targets->kind = UFM_TARGETS_MIXUP;
  mpq_inits(m.alpha, m.same, (mpq_ptr)NULL);
  status = ufm__split(text, ',', read_key, &m, error);
  if (status == UFM_OK)
    status = make_law(targets, &m, loss);
  if (status == UFM_OK && m.same_given)
    status = ufm_mixing_set_same(targets->mixing, m.same, error);
  for (size_t l = 0; l < m.listed; l++)
    mpq_clears(m.lam[l], m.weight[l], (mpq_ptr)NULL);
  free(m.lam);
  free(m.weight);
  mpq_clears(m.alpha, m.same, (mpq_ptr)NULL);
  return status;
}

static ufm_status read_weights(ufm__targets *targets, const char *path,
                               ufm_error *error)
{
  size_t rows, cols;
  ufm_status status =
      ufm__npy_read(path, &targets->weight, &rows, &cols, error);

  if (status != UFM_OK)
    return status;
  if (cols > 0 || rows != targets->columns)
    return ufm__fail(error, UFM_EDIM,
                     "%.300s: shape: got %zu x %zu, want a vector of %zu "
                     "weights, one per column of the targets",
                     path, rows, cols, targets->columns);
  return UFM_OK;
}

static ufm_status read_file(ufm__targets *targets, const char *text,
                            ufm_error *error)
{
  const char *comma = strchr(text, ',');
  char *path =
      comma != NULL ? strndup(text, (size_t)(comma - text)) : strdup(text);
  ufm_status status;

  targets->kind = UFM_TARGETS_FILE;
  if (path == NULL)
    return ufm__no_memory(error, "targets");
  status = ufm__npy_read(path, &targets->matrix, &targets->classes,
                         &targets->columns, error);
  if (status == UFM_OK && (targets->columns == 0 || targets->classes < 2))
    status = ufm__fail(error, UFM_EDIM,
                       "%.300s: shape: want a matrix of K rows (at least 2) "
                       "whose columns are the targets",
                       path);
  if (status == UFM_OK && comma != NULL)
    status = read_weights(targets, comma + 1, error);
  free(path);
  /* A file of the problem that cannot be read is bad input. */
  return status == UFM_EIO || status == UFM_ENAN ? UFM_EINVAL : status;
}

ufm_status ufm__targets_read(ufm__targets *targets, const char *text,
                             ufm_loss loss, ufm_error *error)
{
  static const char smooth[] = "smooth:", mixup[] = "mixup:", file[] = "file:";
  static const char *const names[] = {"onehot", "smooth:EPS", "mixup:LAW",
                                      "file:T.npy"};

  if (text == NULL || strcmp(text, "onehot") == 0)
    return UFM_OK;
  if (strncmp(text, smooth, sizeof smooth - 1) == 0) {
    targets->kind = UFM_TARGETS_SMOOTH;
    return ufm__parse_rational(text + sizeof smooth - 1, "targets: smooth",
                               targets->smoothing, error);
  }
  if (strncmp(text, mixup, sizeof mixup - 1) == 0)
    return read_mixup(targets, text + sizeof mixup - 1, loss, error);
  if (strncmp(text, file, sizeof file - 1) == 0)
    return read_file(targets, text + sizeof file - 1, error);
  return ufm__unknown_name(error, "targets", text, names, 4);
}
