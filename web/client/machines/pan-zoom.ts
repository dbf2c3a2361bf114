import { type Signal, signal } from "@preact/signals";

/** Where a drawing is: shifted by pixels, then enlarged. */
export interface Place {
  readonly x: number;
  readonly y: number;
  readonly scale: number;
}

interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

const leastScale = 0.08;
const mostScale = 3;
/** A pointer that moved less than this has clicked. */
const clickPx = 4;

/** A drawing that is moved and enlarged by pointers, wheel and keys. */
export class PanZoom {
  readonly place: Signal<Place> = signal({ x: 0, y: 0, scale: 1 });
  /** Whether a person moved it, so that nothing else should. */
  isHeld = false;
  readonly #pointers = new Map<number, { x: number; y: number }>();
  #moved = 0;

  constructor(readonly svg: SVGSVGElement) {
    svg.addEventListener("pointerdown", this.#down);
    svg.addEventListener("pointermove", this.#move);
    for (const end of ["pointerup", "pointercancel", "pointerleave"] as const) {
      svg.addEventListener(end, this.#up);
    }
    svg.addEventListener("wheel", this.#wheel, { passive: false });
    svg.addEventListener("keydown", this.#key);
  }

  /** Shows a box in the middle, enlarged at most to `most`. */
  show(box: Box, most: number, least = leastScale): void {
    const { width, height } = this.svg.getBoundingClientRect();
    const fitting = Math.min((width - 24) / box.width, (height - 24) / box.height, most);
    const scale = Math.max(fitting, least);
    const x = width / 2 - (box.x + box.width / 2) * scale;
    const y = height / 2 - (box.y + box.height / 2) * scale;
    this.place.value = { x, y, scale };
  }

  /** Whether a box can be seen whole, and at a size that can be read. */
  sees(box: Box): boolean {
    const { width, height } = this.svg.getBoundingClientRect();
    const { x, y, scale } = this.place.value;
    const [left, top] = [box.x * scale + x, box.y * scale + y];
    const [right, bottom] = [left + box.width * scale, top + box.height * scale];
    return left >= 0 && top >= 0 && right <= width && bottom <= height && scale > 0.5;
  }

  enlarge(factor: number, at?: { readonly x: number; readonly y: number }): void {
    const { width, height } = this.svg.getBoundingClientRect();
    const middle = at ?? { x: width / 2, y: height / 2 };
    const { x, y, scale: old } = this.place.value;
    const scale = Math.min(mostScale, Math.max(leastScale, old * factor));
    const by = scale / old;
    this.#put({ scale, x: middle.x - (middle.x - x) * by, y: middle.y - (middle.y - y) * by });
  }

  shift(byX: number, byY: number): void {
    const { x, y, scale } = this.place.value;
    this.#put({ x: x + byX, y: y + byY, scale });
  }

  #put(place: Place): void {
    this.isHeld = true;
    this.place.value = place;
  }

  #within({ clientX, clientY }: MouseEvent): { x: number; y: number } {
    const { left, top } = this.svg.getBoundingClientRect();
    return { x: clientX - left, y: clientY - top };
  }

  #down = (event: PointerEvent): void => {
    this.#pointers.set(event.pointerId, this.#within(event));
    this.#moved = 0;
  };

  #move = (event: PointerEvent): void => {
    const last = this.#pointers.get(event.pointerId);
    if (!last) return;
    const next = this.#within(event);
    this.#moved += Math.hypot(next.x - last.x, next.y - last.y);
    if (this.#moved > clickPx) this.svg.setPointerCapture(event.pointerId);
    this.#pointers.set(event.pointerId, next);
    const other = [...this.#pointers].find(([id]) => id !== event.pointerId)?.[1];
    if (other) {
      const before = Math.hypot(last.x - other.x, last.y - other.y);
      if (before > 0) this.enlarge(Math.hypot(next.x - other.x, next.y - other.y) / before, other);
    } else if (this.#moved > clickPx) {
      this.shift(next.x - last.x, next.y - last.y);
    }
  };

  #up = ({ pointerId }: PointerEvent): void => {
    this.#pointers.delete(pointerId);
  };

  /** The page scrolls by the wheel until the chart is chosen; pinching has Ctrl set. */
  #wheel = (event: WheelEvent): void => {
    const isChosen = this.svg.contains(document.activeElement);
    if (!isChosen && !event.ctrlKey && !event.metaKey) return;
    event.preventDefault();
    this.enlarge(Math.exp(-event.deltaY * (event.ctrlKey ? 0.01 : 0.0015)), this.#within(event));
  };

  #key = (event: KeyboardEvent): void => {
    if (event.key === "+" || event.key === "=") this.enlarge(1.25);
    else if (event.key === "-") this.enlarge(0.8);
    else if (event.shiftKey && event.key.startsWith("Arrow")) {
      const step = /Left|Up/.test(event.key) ? 60 : -60;
      this.shift(/Left|Right/.test(event.key) ? step : 0, /Up|Down/.test(event.key) ? step : 0);
    } else return;
    event.preventDefault();
    event.stopPropagation();
  };
}
