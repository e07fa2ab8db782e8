interface Props {
  readonly error: Error | null;
  readonly onAgain: () => void;
}

/** What could not be read, and another try. */
export function Trouble({ error, onAgain }: Props) {
  if (error === null) return null;
  return (
    <p role="alert" className="trouble">
      {error.message}{" "}
      <button type="button" onClick={onAgain}>
        Try again
      </button>
    </p>
  );
}
