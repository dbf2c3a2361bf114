import type { OperatorKey } from "../../machines/domain/operator.ts";
import type { operatorRoutes } from "../api/operators.ts";
import { type Caller, type Handlers, RouteError } from "../api/route.ts";
import type { Chronicle } from "../server/chronicle.ts";
import type { PanelDoors } from "../server/doors.ts";
import type { Entrance } from "../server/entrance.ts";

/** What a page is told of who is signed in. */
export function sessionOf({ name, role, session }: Caller, idleMs: number) {
  return {
    ...{ name, role, token: session?.token ?? null, endsAt: session?.endsAt ?? null },
    idleMs: session ? idleMs : null,
  };
}

/** Keys, sessions, and the record of actions. */
export function operatorViews(
  doors: PanelDoors,
  entrance: Entrance,
  chronicle: Chronicle,
): Handlers<typeof operatorRoutes, Caller> {
  const { keeper } = doors;
  return {
    "GET /api/v1/session": ({ who }) => sessionOf(who, doors.idleMs),
    "GET /api/v1/sessions": ({ who }) => ({
      sessions: keeper
        .sessions()
        .filter((each) => entrance.isLive(each))
        .map(({ keyId: _, ...each }) => ({ ...each, isOwn: each.id === who.session?.id })),
    }),
    "DELETE /api/v1/sessions/:id": ({ params: { id }, who }) => {
      const session = keeper.sessions().find((each) => each.id === id);
      if (!session || !keeper.endSession(id)) {
        throw new RouteError(404, `Cannot find session "${id}"`);
      }
      const text = `ended a session of ${session.name}`;
      chronicle.note(who, { what: "session.revoke", target: id, outcome: "done", text });
      return { done: true };
    },
    "GET /api/v1/keys": () => ({ keys: [...keeper.keys()] }),
    "POST /api/v1/keys": async ({ body: { name, role }, who }) => {
      const { id, text, hash } = await doors.locksmith.make();
      if (keeper.hasName(name)) throw new RouteError(409, `Cannot create key: "${name}" is in use`);
      const createdAt = doors.now();
      keeper.addKey({ id, name, role, hash, createdAt });
      const words = `created key "${name}" with role ${role}`;
      chronicle.note(who, { what: "key.create", target: id, outcome: "done", text: words });
      return { id, name, role, createdAt, usedAt: null, revokedAt: null, key: text };
    },
    "DELETE /api/v1/keys/:id": ({ params: { id }, who }) => {
      const keys = keeper.keys().filter(({ revokedAt }) => revokedAt === null);
      const key = keys.find((each) => each.id === id);
      if (!key) throw new RouteError(404, `Cannot find key "${id}" in use`);
      if (isLastAdmin(key, keys)) {
        const text = `Cannot revoke key "${key.name}": it is the last one of an admin`;
        chronicle.note(who, { what: "key.revoke", target: id, outcome: "refused", text });
        throw new RouteError(409, text);
      }
      keeper.revokeKey(id, doors.now());
      const text = `revoked key "${key.name}", and ended its sessions`;
      chronicle.note(who, { what: "key.revoke", target: id, outcome: "done", text });
      return { done: true };
    },
    "GET /api/v1/actions": ({ query: { limit, ...filter } }) => {
      const found = keeper.actions(filter, limit + 1);
      return { actions: found.slice(0, limit), more: found.length > limit };
    },
  };
}

function isLastAdmin(key: OperatorKey, keys: readonly OperatorKey[]): boolean {
  return key.role === "admin" && keys.filter(({ role }) => role === "admin").length === 1;
}
