const LEFT =
  "M17 5H25.5V9.4L32.5 16.4V19.5A8.5 8.5 0 0 0 29.2 36.03L26.8 46H26.5V47.6L33.5 54.6V59H17A12 12 0 0 1 5 47V17A12 12 0 0 1 17 5Z";
const RIGHT =
  "M47 5H28.5V8.16L35.5 15.16V20.25A8.5 8.5 0 0 1 34.8 36.03L37.2 46H29.5V46.36L36.5 53.36V59H47A12 12 0 0 0 59 47V17A12 12 0 0 0 47 5Z";

/** The product's mark. */
export function Mark({ size }: { size: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 64 64" aria-hidden="true">
      <path d={LEFT} style={{ fill: "var(--ink)" }} />
      <path d={RIGHT} style={{ fill: "var(--seal)" }} />
    </svg>
  );
}
