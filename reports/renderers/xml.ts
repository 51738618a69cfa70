/** XML, as far as reports need it. */

export type Attributes = Readonly<Record<string, string | number>>;

/** An element: its content is markup already; without any it is an empty tag. */
export function element(name: string, attributes: Attributes, content: readonly string[] = []): string {
  const head = [name, ...Object.entries(attributes).map(([key, value]) => `${key}="${escapeAttribute(String(value))}"`)].join(' ');
  return content.length === 0 ? `<${head}/>` : `<${head}>${content.join('\n')}</${name}>`;
}

/** Text between tags. */
export function escapeText(text: string): string {
  return withoutForbidden(text).replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

function escapeAttribute(text: string): string {
  // Parsers make spaces of line breaks in attributes.
  return escapeText(text).replaceAll('"', '&quot;').replace(/[\t\n\r]/g, (sign) => `&#${sign.charCodeAt(0)};`);
}

/** XML 1.0 has no way to write these, not even as entities. */
function withoutForbidden(text: string): string {
  // oxlint-disable-next-line no-control-regex
  return text.replace(/\p{Surrogate}/gu, '\ufffd').replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, '\ufffd');
}
