/** Common English words that no German text has. */
const ENGLISH =
  /\b(?:the|this|that|these|your|you|it|its|and|or|not|no|is|are|was|were|be|been|has|have|had|does|do|did|of|from|with|without|for|on|open|opened|close|closed|could|cannot|can|may|must|only|other|another|nothing|again|until|by|to|at|there|here|but|than|what|who|why|where|when|all|any|each|one|none|if|they|them|will|would|as|router's|forward|forwards|address|network|settings|computer's)\b/giu;
/** Names, and words that are German too. */
const BOTH = new Set(['was', 'an', 'in', 'so', 'port', 'ports', 'router', 'computer', 'modem', 'software']);

/** English words in a German text; quotations, paths, URLs and what stands in „…“ may be in any language. */
export function englishIn(text: string): readonly string[] {
  const plain = text.replaceAll(/„[^“]*“/g, '').replaceAll(/\S*[/\\]\S*/g, '');
  return (plain.match(ENGLISH) ?? []).filter((word) => !BOTH.has(word.toLowerCase()));
}
