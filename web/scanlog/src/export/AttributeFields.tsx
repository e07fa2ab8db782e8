import type { Attribute, Given } from "./attributes";

interface Props {
  readonly attributes: readonly Attribute[];
  readonly given: Given;
  readonly onGiven: (given: Given) => void;
}

/** A field for each attribute of the logbook, of its kind. */
export function AttributeFields({ attributes, given, onGiven }: Props) {
  return attributes.map((one) => (
    <Field
      key={one.name}
      attribute={one}
      value={given[one.name] ?? ""}
      onValue={(value) => onGiven({ ...given, [one.name]: value })}
    />
  ));
}

interface FieldProps {
  readonly attribute: Attribute;
  readonly value: string | readonly string[];
  readonly onValue: (value: string | readonly string[]) => void;
}

function Field({ attribute, value, onValue }: FieldProps) {
  const { name, kind, required, options } = attribute;
  const title = (
    <>
      <bdi>{name}</bdi>
      {required && " (required)"}
    </>
  );
  if (kind === "multioption") return <Several {...{ attribute, value, onValue }} />;
  if (kind === "boolean")
    return (
      <label>
        <input
          type="checkbox"
          checked={value === "yes"}
          onChange={(event) => onValue(event.target.checked ? "yes" : "no")}
        />{" "}
        {title}
      </label>
    );
  const text = typeof value === "string" ? value : "";
  if (kind === "option")
    return (
      <label>
        {title}{" "}
        <select value={text} required={required} onChange={(event) => onValue(event.target.value)}>
          <option value="" />
          {options.map((one) => (
            <option key={one}>{one}</option>
          ))}
        </select>
      </label>
    );
  return (
    <label>
      {title}{" "}
      <input
        type={kind === "number" ? "number" : "text"}
        step="any"
        value={text}
        required={required}
        onChange={(event) => onValue(event.target.value)}
      />
    </label>
  );
}

function Several({ attribute: { name, required, options }, value, onValue }: FieldProps) {
  const chosen = typeof value === "string" ? [] : value;
  return (
    <fieldset>
      <legend>
        <bdi>{name}</bdi>
        {required && " (required)"}
      </legend>
      {options.map((one) => (
        <label key={one}>
          <input
            type="checkbox"
            checked={chosen.includes(one)}
            onChange={(event) =>
              onValue(event.target.checked ? [...chosen, one] : chosen.filter((other) => other !== one))
            }
          />{" "}
          <bdi>{one}</bdi>{" "}
        </label>
      ))}
    </fieldset>
  );
}
