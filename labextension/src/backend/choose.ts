/**
 * REST first, the kernel's comm as the fallback. REST is used only after its server has said
 * the same store id as the kernel: a remote kernel has another store than the server's disk.
 */
import { type Scope } from "../protocol.js";
import { isEnginesWord } from "./rest.js";
import { ask, unreachable, type Backend, type BackendName, type TaskRef } from "./types.js";

export interface Roads {
  readonly storeId: string;
  readonly rest: Backend | null;
  readonly comm: Backend | null;
  /** Called when another road starts to carry the calls. */
  readonly onName?: (name: BackendName) => void;
  /** Called with each call that reached the engine, or found no road to it. */
  readonly onReach?: (reached: boolean) => void;
}

export class ChosenBackend implements Backend {
  private used: BackendName = "none";
  private handshake: Promise<boolean> | null = null;

  constructor(private readonly roads: Roads) {}

  get name(): BackendName {
    return this.used;
  }

  call(scope: Scope, op: string, args: object, session: string | null = null): Promise<unknown> {
    return this.reach((road) => road.call(scope, op, args, session));
  }
  picture(task: TaskRef, session: string | null): Promise<Blob> {
    return this.reach((road) => road.picture(task, session));
  }
  thumbnail(jobName: string, objectId: string): Promise<Blob> {
    return this.reach((road) => road.thumbnail(jobName, objectId));
  }

  private async reach<T>(go: (road: Backend) => Promise<T>): Promise<T> {
    const { rest, comm } = this.roads;
    if (rest && (await this.restIsOurs(rest))) {
      try {
        return this.arrived("rest", await go(rest));
      } catch (error) {
        if (isEnginesWord(error)) throw this.arrived("rest", error);
        this.handshake = null; // ask again next time: servers restart
      }
    }
    if (!comm) throw this.lost(unreachable("No server and no kernel answers"));
    try {
      return this.arrived("comm", await go(comm));
    } catch (error) {
      if (isEnginesWord(error)) throw this.arrived("comm", error);
      throw this.lost(error);
    }
  }

  private restIsOurs(rest: Backend): Promise<boolean> {
    this.handshake ??= ask(rest, "requester", "hello", {}).then(
      ({ store_id }) => store_id === this.roads.storeId,
      () => false,
    );
    return this.handshake;
  }

  private lost(error: unknown): unknown {
    this.handshake = null; // the server may be there when we try again
    this.roads.onReach?.(false);
    return error;
  }

  private arrived<T>(name: BackendName, answer: T): T {
    this.roads.onReach?.(true);
    if (this.used !== name) {
      this.used = name;
      this.roads.onName?.(name);
    }
    return answer;
  }
}
