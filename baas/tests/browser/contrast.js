// SPDX-License-Identifier: Apache-2.0
// Gives each kind of text that is hard to read, with its contrast: what WCAG 2
// asks of small text is 4.5.
function numbers(text) {
  const found = text.match(/[\d.]+/g).map(Number);
  return found.length < 4 ? [...found, 1] : found;
}
function brightness(color) {
  const [red, green, blue] = color.slice(0, 3).map(function (part) {
    part /= 255;
    return part <= 0.03928 ? part / 12.92 : Math.pow((part + 0.055) / 1.055, 2.4);
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}
function over(upper, lower) {
  return [0, 1, 2].map(i => upper[i] * upper[3] + lower[i] * (1 - upper[3])).concat(1);
}
function behind(element) {
  const layers = [];
  for (; element; element = element.parentElement) {
    const color = numbers(getComputedStyle(element).backgroundColor);
    if (color[3] > 0) { layers.push(color); }
    if (color[3] === 1) { break; }
  }
  return layers.reduceRight((lower, upper) => over(upper, lower), [255, 255, 255, 1]);
}
const found = {};
const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
while (texts.nextNode()) {
  const element = texts.currentNode.parentElement;
  const text = texts.currentNode.data.trim();
  if (!text || !element.getClientRects().length || element.closest('style, script')) { continue; }
  const color = numbers(getComputedStyle(element).color);
  for (let one = element; one; one = one.parentElement) {
    color[3] *= Number(getComputedStyle(one).opacity);
  }
  const back = behind(element);
  const [dark, light] = [over(color, back), back].map(brightness).sort((a, b) => a - b);
  const contrast = (light + 0.05) / (dark + 0.05);
  if (contrast < 4.5) {
    found[element.tagName + ' ' + text.slice(0, 40)] = contrast.toFixed(2);
  }
}
return found;
