/** Events of a block or transaction, shaped as ABCI 2.0 shapes them: strings, each indexed or not. */

export interface EventAttribute {
  readonly key: string;
  readonly value: string;
  readonly index: boolean;
}

export interface ChainEvent {
  readonly type: string;
  /** Not readonly, so that ABCI's message can hold the very list: a block has tens of thousands. Nobody changes it. */
  readonly attributes: EventAttribute[];
}

/** An event whose attributes are all indexed, as the SDK indexes every attribute by default. */
export function event(type: string, attributes: Readonly<Record<string, string>>): ChainEvent {
  const keys = Object.keys(attributes);
  // A list of the very length: one that grows has room to spare, and a block keeps tens of thousands.
  const list = new Array<EventAttribute>(keys.length);
  for (let i = 0; i < keys.length; i++) list[i] = { key: keys[i]!, value: attributes[keys[i]!]!, index: true };
  return { type, attributes: list };
}

/** As the SDK emits an event that is a protobuf message: named by its type, attributes in order of name, values as JSON. */
export function typedEvent(typeName: string, fields: Readonly<Record<string, string>>): ChainEvent {
  const names = Object.keys(fields).sort((a, b) => (a < b ? -1 : 1));
  return event(typeName, Object.fromEntries(names.map((name) => [name, JSON.stringify(fields[name])])));
}
