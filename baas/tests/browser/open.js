// SPDX-License-Identifier: Apache-2.0
// Opens much of what can be opened of two calls.
['tag/job/operation/job_show', 'tag/backup/operation/backup_create_overcloud'].forEach(function (id) {
  const section = document.querySelector('[data-section-id="' + id + '"]');
  section.querySelectorAll('td button, button').forEach(function (one) {
    if (/^(401|409|outage|plan|forecast|max_outage|steps|get|post)/i.test(one.textContent.trim())) { one.click(); }
  });
  const failed = section.querySelector('.tab-error');
  if (failed) { failed.click(); }
});
document.querySelector('[data-section-id="tag/job/operation/job_show"]').scrollIntoView();
