// SPDX-License-Identifier: Apache-2.0
// Gives each label of a drawing that leaves the page or lies on another one.
const found = [];
document.querySelectorAll('figure svg[role=img]').forEach(function (drawing) {
  const places = Array.from(drawing.querySelectorAll('text'), function (label) {
    return { text: label.textContent, box: label.getBoundingClientRect() };
  });
  if (!places.length) { found.push('no labels'); }
  places.forEach(function (one, number) {
    const width = document.documentElement.clientWidth;
    if (one.box.left < 0 || one.box.right > width) { found.push(one.text + ' is cut off'); }
    places.slice(number + 1).forEach(function (other) {
      if (one.box.left < other.box.right && other.box.left < one.box.right &&
          one.box.top < other.box.bottom && other.box.top < one.box.bottom) {
        found.push(one.text + ' lies on ' + other.text);
      }
    });
  });
});
return found;
