import { useQuery } from "@tanstack/react-query";
import { type Catalogue, fieldsOf, type Json } from "../catalogue/client";
import { short } from "../values/values";

interface Props {
  readonly path: string;
  readonly catalogue: Catalogue;
  readonly owner: string;
}

export interface Picture {
  readonly id: string;
  readonly caption: string;
  readonly source: string;
}

export function Attachments({ path, catalogue, owner }: Props) {
  const query = useQuery({
    queryKey: ["attachments", owner, path],
    queryFn: async ({ signal }) => picturesOf((await catalogue.ask(`${path}/attachments`, { signal })).body),
  });
  if (query.error !== null) return <p role="alert">The pictures cannot be read: {query.error.message}</p>;
  if (query.data === undefined || query.data.length === 0) return null;
  return (
    <>
      <h3>Pictures</h3>
      <div className="pictures">
        {query.data.map((one) => (
          <figure key={one.id}>
            {one.source !== "" && <img src={one.source} alt={one.caption} />}
            <figcaption>
              <bdi>{one.caption}</bdi>
            </figcaption>
          </figure>
        ))}
      </div>
    </>
  );
}

/** Only pictures that hold their own data, of kinds that cannot run anything. */
const SAFE = /^data:image\/(png|jpeg|gif|webp);base64,[A-Za-z0-9+/=\s]+$/;

export function isPicture(address: string): boolean {
  return SAFE.test(address);
}

export function picturesOf(body: Json): Picture[] {
  if (!Array.isArray(body)) return [];
  return body.map((one, index) => {
    const { id, caption, thumbnail } = fieldsOf(one);
    const source = typeof thumbnail === "string" && isPicture(thumbnail) ? thumbnail : "";
    return { id: short(id) || `${index}`, caption: short(caption), source };
  });
}
