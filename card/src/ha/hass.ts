/** What the cards use of Home Assistant's `hass` object and of its websocket, and nothing else. */

export interface Connection {
  readonly connected: boolean;
  sendMessagePromise<T>(message: { type: string; [key: string]: unknown }): Promise<T>;
  subscribeMessage<T>(
    listener: (event: T) => void,
    message: { type: string; [key: string]: unknown },
    options?: { resubscribe?: boolean },
  ): Promise<() => Promise<void>>;
  addEventListener(kind: ConnectionEvent, listener: () => void): void;
  removeEventListener(kind: ConnectionEvent, listener: () => void): void;
}

export type ConnectionEvent = "ready" | "disconnected";

export interface Locale {
  readonly language: string;
  /** `language`, `system`, `12` or `24`. */
  readonly time_format?: string;
  /** `local` or `server`. */
  readonly time_zone?: string;
  readonly number_format?: string;
}

export interface EntityEntry {
  readonly entity_id: string;
  readonly device_id?: string | null;
  readonly platform?: string;
  readonly translation_key?: string;
}

export interface EntityState {
  readonly entity_id: string;
  readonly state: string;
  readonly attributes: Readonly<Record<string, unknown>>;
}

export interface Hass {
  readonly connection: Connection;
  readonly connected?: boolean;
  readonly locale: Locale;
  readonly config: { readonly time_zone: string };
  readonly user?: { readonly id: string; readonly name: string; readonly is_admin: boolean };
  readonly entities?: Readonly<Record<string, EntityEntry>>;
  readonly devices?: Readonly<
    Record<string, { name?: string | null; name_by_user?: string | null }>
  >;
  readonly states?: Readonly<Record<string, EntityState>>;
  fetchWithAuth(path: string, init?: RequestInit): Promise<Response>;
  callService(
    domain: string,
    service: string,
    data?: Record<string, unknown>,
    target?: { entity_id?: string | string[] },
  ): Promise<unknown>;
}
