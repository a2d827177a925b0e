// The map as a layer over the server's picture. Uses MapLibre GL; where WebGL is missing the picture stays.

const METRES_A_PIXEL = 156543.03392; // at zoom 0 on the equator, for 256-pixel tiles; MapLibre counts 512

for (const box of document.querySelectorAll(".th-map[data-map]")) start(box);

async function start(box) {
  if (!canDraw()) return;
  const setup = JSON.parse(box.dataset.map);
  const script = document.querySelector("script[data-maplibre]");
  let maplibre;
  try {
    maplibre = await import(script.dataset.maplibre);
  } catch {
    return;
  }
  maplibre.setWorkerUrl(new URL(script.dataset.worker, window.location.href).href);
  const live = build(box, setup);
  const map = new maplibre.Map({
    container: live.canvas,
    style: styleFor(setup),
    center: [setup.lng, setup.lat],
    zoom: zoomFor(setup.metres, setup.lat, live.canvas.clientWidth || 640),
    minZoom: 9,
    maxZoom: 21,
    dragRotate: false,
    pitchWithRotate: false,
    touchPitch: false,
    rollEnabled: false,
    attributionControl: false,
    cooperativeGestures: false,
    locale: { "Map.Title": setup.words.label },
    transformRequest: (url) => ({ url: withKey(url, setup) }),
    fadeDuration: 0,
  });
  map.touchZoomRotate.disableRotation();
  map.keyboard.disableRotation();
  map.addControl(new maplibre.ScaleControl({ maxWidth: 120, unit: "metric" }), "bottom-left");
  const picker = new Picker(box, setup, map, maplibre);
  wire(live, picker, map, setup);
  if (setup.layer === "drawn") keepFeaturesFresh(map, setup);
  box.dataset.state = "starting";
  map.once("idle", () => { box.dataset.state = "ready"; });
  box.townhallMap = map;
}

function canDraw() {
  try {
    const canvas = document.createElement("canvas");
    return Boolean(canvas.getContext("webgl2"));
  } catch {
    return false;
  }
}

function zoomFor(metres, lat, pixels) {
  return Math.log2((METRES_A_PIXEL * Math.cos((lat * Math.PI) / 180) * pixels) / metres) - 1;
}

function withKey(url, setup) {
  if (!setup.key || !url.startsWith("https://api.os.uk/")) return url;
  const made = new URL(url);
  if (!made.searchParams.has("key")) made.searchParams.set("key", setup.key);
  if (!made.searchParams.has("srs")) made.searchParams.set("srs", "3857");
  return decodeURI(made.href);
}

// The buttons around the map. Everything is a real button; nothing needs dragging.
function build(box, setup) {
  const live = box.querySelector(".th-map__live");
  const words = setup.words;
  const button = (text, look) => {
    const made = document.createElement("button");
    made.type = "button";
    made.className = `govuk-button th-map__button ${look}`;
    made.textContent = text;
    return made;
  };
  const hint = document.createElement("p");
  hint.className = "govuk-hint";
  hint.id = `${box.id}-map-hint`;
  hint.textContent = words.hint;
  const frame = document.createElement("div");
  frame.className = "th-map__frame";
  const canvas = document.createElement("div");
  canvas.className = "th-map__canvas";
  const cross = document.createElement("div");
  cross.className = "th-map__cross";
  cross.setAttribute("aria-hidden", "true");
  frame.append(canvas, cross);
  const tools = document.createElement("div");
  tools.className = "th-map__tools";
  const use = button(words.use, "");
  const closer = button(words.closer, "govuk-button--secondary");
  const further = button(words.further, "govuk-button--secondary");
  const here = button(words.here, "govuk-button--secondary");
  tools.append(use, closer, further);
  if (navigator.geolocation) tools.append(here);
  const credit = document.createElement("p");
  credit.className = "th-map__credit";
  credit.textContent = setup.attribution;
  live.append(hint, frame, credit, tools);
  live.hidden = false;
  box.querySelector(".th-map__still").remove();
  return { canvas, use, closer, further, here };
}

function wire(live, picker, map, setup) {
  const canvas = map.getCanvas();
  canvas.setAttribute("aria-describedby", `${picker.box.id}-map-hint`);
  canvas.setAttribute("role", "application");
  live.use.addEventListener("click", () => picker.choose(map.getCenter()));
  live.closer.addEventListener("click", () => map.zoomIn({ animate: !still() }));
  live.further.addEventListener("click", () => map.zoomOut({ animate: !still() }));
  live.here.addEventListener("click", () => picker.findMe());
  canvas.addEventListener("keydown", (event) => {
    if (event.key !== "Enter") return;
    event.preventDefault();
    picker.choose(map.getCenter());
  });
  map.on("click", (event) => picker.choose(event.lngLat));
  map.on("moveend", () => picker.rememberView());
  map.on("load", () => picker.showNearby(JSON.parse(picker.box.dataset.nearby)));
}

function still() {
  return window.matchMedia("(prefers-reduced-motion: reduce)").matches;
}

class Picker {
  constructor(box, setup, map, maplibre) {
    Object.assign(this, { box, setup, map, maplibre, pins: [] });
    this.field = (part) => box.querySelector(`input[name="${box.dataset.name}_${part}"]`);
    this.status = box.querySelector("[data-map-status]");
    if (this.field("lat").value) this.pin(Number(this.field("lng").value), Number(this.field("lat").value));
  }

  pin(lng, lat) {
    this.marker ??= new this.maplibre.Marker({ element: pinElement("", true), anchor: "bottom" });
    this.marker.setLngLat([lng, lat]).addTo(this.map);
  }

  async choose({ lng, lat }, how = "map") {
    const told = this.box.closest("form")?.querySelector(`input[name="${this.box.dataset.name}_how"]`);
    if (told) told.value = how;
    this.field("lat").value = lat.toFixed(6);
    this.field("lng").value = lng.toFixed(6);
    this.pin(lng, lat);
    this.box.dispatchEvent(new CustomEvent("townhall:place", { bubbles: true, detail: { lat, lng } }));
    this.status.textContent = await this.describe(lat, lng);
    await this.loadNearby(lat, lng);
  }

  async describe(lat, lng) {
    const answer = await ask(`${this.setup.features}/nearest?lat=${lat.toFixed(6)}&lng=${lng.toFixed(6)}`);
    return answer?.near ? this.setup.words.near.replace("%(what)s", answer.near) : this.setup.words.set;
  }

  async loadNearby(lat, lng) {
    if (!this.box.dataset.nearbyUrl) return;
    const answer = await ask(`${this.box.dataset.nearbyUrl}?lat=${lat.toFixed(6)}&lng=${lng.toFixed(6)}`);
    if (!answer) return;
    this.showNearby(answer.reports);
    const place = this.box.parentElement;
    const list = place.querySelector("[data-nearby-list]");
    place.querySelector("[data-nearby-title]").hidden = answer.reports.length === 0;
    list.replaceChildren(...answer.reports.map(reportItem));
  }

  showNearby(reports) {
    this.pins.forEach((pin) => pin.remove());
    this.pins = reports.map((report, index) =>
      new this.maplibre.Marker({ element: pinElement(String(index + 1), false), anchor: "bottom" })
        .setLngLat([report.lng, report.lat])
        .addTo(this.map));
  }

  rememberView() {
    const { lng, lat } = this.map.getCenter();
    const bounds = this.map.getBounds();
    const metres = (bounds.getEast() - bounds.getWest()) * 111320 * Math.cos((lat * Math.PI) / 180);
    this.field("view").value = `${lat.toFixed(6)},${lng.toFixed(6)},${Math.round(metres)}`;
  }

  findMe() {
    this.status.textContent = this.setup.words.finding;
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => {
        this.map.jumpTo({ center: [coords.longitude, coords.latitude], zoom: Math.max(this.map.getZoom(), 17.5) });
        this.choose({ lng: coords.longitude, lat: coords.latitude }, "device");
      },
      () => { this.status.textContent = this.setup.words.notFound; },
      { enableHighAccuracy: true, timeout: 10000 },
    );
  }
}

async function ask(url) {
  try {
    const answer = await fetch(url, { headers: { Accept: "application/json" } });
    return answer.ok ? await answer.json() : null;
  } catch {
    return null;
  }
}

function reportItem(report) {
  const item = document.createElement("li");
  const link = document.createElement("a");
  link.className = "govuk-link";
  link.href = report.href;
  link.textContent = report.title;
  item.append(link);
  if (report.note) {
    const note = document.createElement("span");
    note.className = "th-quiet";
    note.textContent = ` ${report.note}`;
    item.append(note);
  }
  return item;
}

function pinElement(label, chosen) {
  const pin = document.createElement("div");
  pin.className = chosen ? "th-map__pin th-map__pin--chosen" : "th-map__pin";
  pin.setAttribute("aria-hidden", "true");
  const words = document.createElement("span");
  words.textContent = label;
  pin.append(words);
  return pin;
}

// Fetch what is in view, a little more than is seen, whenever it is no longer covered.
function keepFeaturesFresh(map, setup) {
  let covered = null;
  let closeEnough = false;
  const refresh = async () => {
    const view = map.getBounds();
    const detail = metresAcross(view) * 1.6 <= 2500;
    if (covered && detail === closeEnough && covered.contains(view.getNorthEast()) && covered.contains(view.getSouthWest())) return;
    const wide = (view.getEast() - view.getWest()) * 0.3;
    const high = (view.getNorth() - view.getSouth()) * 0.3;
    const asked = [view.getWest() - wide, view.getSouth() - high, view.getEast() + wide, view.getNorth() + high];
    const answer = await ask(`${setup.features}?bbox=${asked.map((part) => part.toFixed(5)).join(",")}`);
    if (!answer || !map.getSource("borough")) return;
    map.getSource("borough").setData(answer);
    covered = new view.constructor([asked[0], asked[1]], [asked[2], asked[3]]);
    closeEnough = detail;
  };
  map.on("load", refresh);
  map.on("moveend", refresh);
}

function metresAcross(view) {
  const middle = ((view.getNorth() + view.getSouth()) / 2) * (Math.PI / 180);
  return (view.getEast() - view.getWest()) * 111320 * Math.cos(middle);
}

function styleFor(setup) {
  if (setup.layer === "os") return setup.style;
  if (setup.layer === "osm") {
    return {
      version: 8,
      sources: { tiles: { type: "raster", tiles: [setup.tiles], tileSize: 256, maxzoom: 19 } },
      layers: [{ id: "tiles", type: "raster", source: "tiles" }],
    };
  }
  return drawnStyle(setup.lat);
}

// The same land, kerbs and houses as the server's picture (townhall/ui/drawn_map.py), in metres at every scale.
function drawnStyle(lat) {
  const pixelsAMetre = 2 ** 22 / ((METRES_A_PIXEL / 2) * Math.cos((lat * Math.PI) / 180));
  const metres = (value, least) => ["interpolate", ["exponential", 2], ["zoom"], 12, least, 22, ["*", value, pixelsAMetre]];
  const street = ["coalesce", ["get", "width"], 6.5];
  const kind = (...kinds) => ["in", ["get", "kind"], ["literal", kinds]];
  const font = ["Segoe UI", "Roboto", "Noto Sans", "Helvetica Neue", "Arial", "sans-serif"];
  const area = (id, fill, edge) => ({ id, type: "fill", source: "borough", filter: kind(id), paint: { "fill-color": fill, "fill-outline-color": edge } });
  const line = (id, filter, paint, layout = {}) => ({ id, type: "line", source: "borough", filter, paint, layout: { "line-join": "round", "line-cap": "round", ...layout } });
  const words = (id, filter, layout, paint = {}) => ({
    id, type: "symbol", source: "borough", filter,
    layout: { "text-font": font, "text-size": 13, ...layout },
    paint: { "text-color": "#3a3a3a", "text-halo-color": "#f6f4ef", "text-halo-width": 1.6, ...paint },
  });
  return {
    version: 8,
    sources: { borough: { type: "geojson", data: { type: "FeatureCollection", features: [] } } },
    layers: [
      { id: "land", type: "background", paint: { "background-color": "#f6f4ef" } },
      area("wood", "#c3dcbb", "#a5c59c"), area("park", "#d5e8cf", "#b5d0ad"), area("square", "#ece8df", "#cfc8ba"),
      line("river", kind("river"), { "line-color": "#8fbdd4", "line-width": metres(6, 2) }),
      area("water", "#bcdcec", "#8fbdd4"),
      line("boundary", kind("boundary"), { "line-color": "#7b5ea7", "line-width": 2, "line-dasharray": [4, 3] }, { "line-cap": "butt" }),
      line("rail", kind("rail"), { "line-color": "#7a7a7a", "line-width": metres(2, 1) }),
      line("path", kind("path"), { "line-color": "#b08d57", "line-width": 1.5, "line-dasharray": [3, 2] }, { "line-cap": "butt" }),
      line("footway", kind("street"), { "line-color": "#e4e0d8", "line-width": metres(["+", street, 4], 3.5) }),
      line("kerb", kind("street"), { "line-color": "#8f8a80", "line-width": metres(["+", street, 0.4], 3) }),
      line("road", kind("street"), { "line-color": "#ffffff", "line-width": metres(street, 2) }),
      area("building", "#e3d9cc", "#8d8072"),
      line("building-edge", kind("building"), { "line-color": "#8d8072", "line-width": 1.2 }),
      words("building-number", ["all", kind("building"), ["has", "number"]], { "text-field": ["to-string", ["get", "number"]], "text-size": 11.5 }, { "text-halo-color": "#e3d9cc" }),
      words("area-name", ["all", kind("park", "water", "wood", "square"), ["has", "name"]], { "text-field": ["get", "name"], "text-size": 12.5 }, { "text-color": "#2f4f36" }),
      words("street-name", ["all", kind("street"), ["has", "name"]], { "text-field": ["get", "name"], "symbol-placement": "line", "symbol-spacing": 320 }, { "text-halo-color": "#ffffff", "text-halo-width": 2 }),
      words("place-name", kind("place"), { "text-field": ["get", "name"], "text-size": 15 }),
    ].map((layer) => (layer.id === "building-number" ? { ...layer, minzoom: 17.2 } : layer)),
  };
}
