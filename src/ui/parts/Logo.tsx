/** The mark of iovascope, beside its name. index.html has its shapes. */
export function Logo() {
  return (
    <svg className="logo" width="26" height="26" aria-hidden="true">
      <use href="#logo" />
    </svg>
  );
}
