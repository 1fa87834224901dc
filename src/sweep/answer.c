/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What workers send: a head and a record, in one piece. */
#include <config.h>

#include <stdlib.h>
#include <string.h>

#include <ufm/tasks.h>

#include "sweep/fail.h"

/* OpenBLAS reads its variables when it is loaded; this is how to say it later.
   Other libraries do not have the function. */
#if defined(__GNUC__)
extern void openblas_set_num_threads(int) __attribute__((weak));

static void single_thread(void)
{
  if (openblas_set_num_threads != NULL)
    openblas_set_num_threads(1);
}
#else
static void single_thread(void)
{
}
#endif

char *ufm_answer_make(const ufm_tasks *tasks, size_t index, size_t *size)
{
  ufm_answer head = {.index = index};
  char *record, *answer;

  single_thread();
  record = tasks->record(tasks->what, index, &head.status, &head.length);
  if (record == NULL)
    return NULL;
  *size = sizeof head + head.length;
  answer = malloc(*size);
  if (answer != NULL) {
    memcpy(answer, &head, sizeof head);
    memcpy(answer + sizeof head, record, head.length);
  }
  free(record);
  return answer;
}

ufm_status ufm_answer_pass(const char *answer, ufm_take take, void *user,
                           ufm_error *error)
{
  ufm_answer head;

  memcpy(&head, answer, sizeof head); /* it need not be aligned */
  return take(user, &head, answer + sizeof head, error);
}

ufm_status ufm_answer_crash(const ufm_tasks *tasks, size_t index,
                            const char *reason, ufm_take take, void *user,
                            ufm_error *error)
{
  ufm_answer head = {.index = index, .status = UFM_POINT_CRASHED};
  char *record = tasks->crashed(tasks->what, index, reason, &head.length);
  ufm_status status;

  if (record == NULL)
    return ufm__sweep_no_memory(error);
  status = take(user, &head, record, error);
  free(record);
  return status;
}
