import type { Bucket } from "../bucket.ts";
import { expression, toTemplate } from "./expression.ts";
import type { Expression, Json, Resolved, Typed, Value } from "./expression.ts";

/** Items that a Map reads from a bucket itself, while it runs: as many as there are. */
export type Dataset<Item> = Typed<Item> & { readonly reader: Readonly<Record<string, Json>> };

/** An object of a listing. `LastModified` is in seconds since 1970. */
export type ListedObject = { Etag: string; Key: string; LastModified: number; Size: number; StorageClass: string };

const dataset = <Item>(reader: Readonly<Record<string, Json>>) => ({ reader }) as unknown as Dataset<Item>;

/** Every object of a bucket, or those whose keys begin with the prefix. */
export const objectsIn = (bucket: Bucket, { prefix }: { prefix?: Value<string> } = {}): Dataset<ListedObject> =>
  dataset({ Resource: "arn:aws:states:::s3:listObjectsV2", Arguments: toTemplate({ Bucket: bucket.id, Prefix: prefix }) });

const fileIn = <Item>(config: Readonly<Record<string, Json>>, bucket: Bucket, key: Value<string>): Dataset<Item> =>
  dataset({
    Resource: "arn:aws:states:::s3:getObject",
    ReaderConfig: config,
    Arguments: toTemplate({ Bucket: bucket.id, Key: key }),
  });

/** The elements of an array in an object of JSON. */
export const jsonIn = <Item>(bucket: Bucket, key: Value<string>): Dataset<Item> => fileIn({ InputType: "JSON" }, bucket, key);

/** The rows of a table in an object of CSV, by the names in its first line. */
export const csvIn = <Row extends Record<string, string>>(bucket: Bucket, key: Value<string>): Dataset<Row> =>
  fileIn({ InputType: "CSV", CSVHeaderLocation: "FIRST_ROW" }, bucket, key);

/** What a Map goes through: a dataset, or an array of its input; as it is, or turned into what each flow is to be given. */
export class Items<Item> {
  declare readonly [item]: Item;
  readonly fields: Readonly<Record<string, Json>>;
  /** Only a distributed Map has datasets and batches. */
  readonly isDistributed: boolean;

  constructor(fields: Readonly<Record<string, Json>>, isDistributed: boolean) {
    this.fields = fields;
    this.isDistributed = isDistributed;
  }

  /** What each flow is given, made from its item. */
  select<V>(selected: (item: Expression<Item>, index: Expression<number>) => V): Items<Resolved<V>> {
    const [each, index] = [expression<Item>("$states.context.Map.Item.Value"), expression<number>("$states.context.Map.Item.Index")];
    return new Items({ ...this.fields, ItemSelector: toTemplate(selected(each, index)) }, this.isDistributed);
  }

  /** Each flow is given up to so many items at once. */
  inBatches(size: number): Items<{ Items: Item[] }> {
    return new Items({ ...this.fields, ItemBatcher: { MaxItemsPerBatch: size } }, true);
  }
}

declare const item: unique symbol;

/** Begins with the items of a Map, to say more of them than which they are. */
export const each = <Item>(source: Expression<readonly Item[]> | Dataset<Item>): Items<Item> => {
  if ("reader" in source) return new Items({ ItemReader: source.reader }, true);
  return new Items({ Items: toTemplate(source) }, false);
};
