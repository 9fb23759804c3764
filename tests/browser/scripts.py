"""What the judge asks a page: JavaScript that looks and reports, run from outside the page."""

# WCAG 2.2, relative luminance; the ground is the nearest ancestor that is not transparent.
CONTRASTS = """(selector) => {
  const light = (color) => {
    const [r, g, b] = color.match(/[0-9.]+/g).slice(0, 3).map((v) => v / 255)
      .map((v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const ground = (element) => {
    const color = getComputedStyle(element).backgroundColor;
    return /, 0\\)$/.test(color) ? ground(element.parentElement) : color;
  };
  const texts = [...document.querySelectorAll(selector)]
    .filter((element) => element.textContent.trim());
  return texts.map((element) => {
    const pair = [light(getComputedStyle(element).color), light(ground(element))];
    return [element.className || element.tagName,
      (Math.max(...pair) + 0.05) / (Math.min(...pair) + 0.05)];
  });
}"""
TEXTS = "p, h1, h2, li, a, figcaption, .mark"
WIDTHS = "() => [document.documentElement.scrollWidth, document.documentElement.clientWidth]"
LONG_BRAND = """() => {
  for (const element of document.querySelectorAll('.brand, .lead, li')) {
    element.textContent = 'W'.repeat(64);
  }
}"""
# The middle of every module of a picture of the code, dark 1 and light 0.
SAMPLE = """async ([url, count]) => {
  const image = new Image();
  image.src = url;
  await image.decode();
  const canvas = document.createElement('canvas');
  [canvas.width, canvas.height] = [image.width, image.height];
  const context = canvas.getContext('2d');
  context.drawImage(image, 0, 0);
  const at = (n, size) => Math.floor((n + 0.5) * size / count);
  const all = [...Array(count).keys()];
  return all.map((row) => all.map((column) => Number(context.getImageData(
    at(column, image.width), at(row, image.height), 1, 1).data[0] < 128)));
}"""
