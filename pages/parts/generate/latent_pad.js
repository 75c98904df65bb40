// A plane to walk on. What the decoder makes of the place under the pointer is blended here, from the grid of
// decoded images, so that it follows at once; Python sends the exact image where the pointer rests.

const pads = new WeakMap();
const REST = 160; // ms without a movement before the exact image is requested
const PACE = 120; // ms between two places sent to Python while the marker is dragged

export default ({ parentElement, data, setStateValue }) => {
    const root = parentElement.querySelector(".pad");
    const plane = root.querySelector(".plane");
    const screen = root.querySelector(".screen canvas");
    const coordinates = root.querySelector(".place");
    const pad = pads.get(root) ?? {
        place: null, hover: null, version: null, sheet: new Image(), exact: new Map(), timer: 0, sent: 0,
    };
    pads.set(root, pad);
    const [left, right, bottom, top] = data.extent;
    const step = (right - left) / (data.side - 1);
    // A cell's middle is its place: the plane is half a cell wider than the extent.
    const low = [left - step / 2, bottom - step / 2], size = right - left + step;
    const clip = (value, i) => Math.min(Math.max(value, low[i]), low[i] + size);

    if (pad.version !== data.version || pad.place === null) {
        pad.version = data.version;
        pad.place = data.place;
        pad.hover = null;
    }
    const known = new Map();
    data.exact.forEach(([x, y, src]) => {
        const key = name([x, y]);
        const image = pad.exact.get(key)?.src === src ? pad.exact.get(key) : new Image();
        if (image.src !== src) { image.onload = () => draw(); image.src = src; }
        known.set(key, image);
    });
    pad.exact = known;
    if (data.sheet && pad.sheet.src !== data.sheet) {
        pad.sheet.onload = () => draw();
        pad.sheet.src = data.sheet;
    }
    root.classList.toggle("blind", !data.sheet);
    const given = root.querySelector(".given");
    given.classList.toggle("there", Boolean(data.given));
    if (data.given) given.querySelector("img").src = data.given;
    plane.setAttribute("aria-label", data.alt);
    root.querySelector(".axes").textContent = data.axes;
    legend();

    function name([x, y]) { return `${x.toFixed(3)} ${y.toFixed(3)}`; }

    function legend() {
        const list = root.querySelector(".legend");
        list.replaceChildren(...(data.show === "pictures" ? [] : data.classes).map((word, i) => {
            const entry = document.createElement("span"), dot = document.createElement("i");
            dot.style.background = data.colours[i % data.colours.length];
            entry.append(dot, word);
            return entry;
        }));
    }

    function draw() {
        const scale = window.devicePixelRatio || 1;
        const side = Math.round(plane.clientWidth * scale);
        if (!side) return;
        if (plane.width !== side) plane.width = plane.height = side;
        const context = plane.getContext("2d");
        const at = ([x, y]) => [(x - low[0]) / size * side, (1 - (y - low[1]) / size) * side];
        const styles = getComputedStyle(root);
        context.fillStyle = data.sheet && data.show !== "classes" ? "#000"
            : styles.getPropertyValue("--st-secondary-background-color");
        context.fillRect(0, 0, side, side);
        if (data.sheet && data.show !== "classes" && pad.sheet.complete && pad.sheet.naturalWidth) {
            context.globalAlpha = data.show === "both" ? 0.6 : 1;
            context.imageSmoothingEnabled = pad.sheet.naturalWidth > side;
            context.drawImage(pad.sheet, 0, 0, side, side);
            context.globalAlpha = 1;
        }
        if (data.show !== "pictures") {
            context.lineWidth = 0.8 * scale;
            context.strokeStyle = "rgba(255,255,255,.85)";
            // A class-conditional network need not separate the classes: they lie over each other, so the
            // others are only hinted at, below the chosen one.
            const chosen = (label) => data.condition === null || label === data.condition;
            const below = data.points.filter(([, , label]) => !chosen(label));
            [...below, ...data.points.filter(([, , label]) => chosen(label))].forEach(([x, y, label]) => {
                context.globalAlpha = chosen(label) ? 1 : 0.15;
                context.beginPath();
                context.arc(...at([x, y]), 3 * scale, 0, 7);
                context.fillStyle = data.colours[label % data.colours.length];
                context.fill();
                context.stroke();
            });
            context.globalAlpha = 1;
        }
        if (data.pin) ring(context, at(data.pin), 6 * scale, "#fff", "#f59322", scale);
        ring(context, at(pad.place), 10 * scale, "#fff", styles.getPropertyValue("--st-primary-color"), scale);
        look();
    }

    function ring(context, [x, y], radius, outer, inner, scale) {
        for (const [colour, width] of [[outer, 5], [inner, 2.5]]) {
            context.beginPath();
            context.arc(x, y, radius, 0, 7);
            context.strokeStyle = colour;
            context.lineWidth = width * scale;
            context.stroke();
        }
    }

    // The image at the place under the pointer: exact where it has come, else blended.
    function look() {
        const place = pad.hover ?? pad.place;
        coordinates.textContent = place.map((value) => value.toFixed(2).replace("-", "−")).join(", ");
        if (!data.sheet) return;
        const [height, width] = data.cell;
        if (screen.width !== width || screen.height !== height) {
            screen.width = width;
            screen.height = height;
        }
        const context = screen.getContext("2d");
        const exact = pad.exact.get(name(place));
        screen.dataset.exact = Boolean(exact?.complete && exact.naturalWidth);
        if (screen.dataset.exact === "true") {
            context.drawImage(exact, 0, 0, width, height);
            return;
        }
        if (!pad.sheet.complete || !pad.sheet.naturalWidth) return;
        const last = data.side - 1;
        const across = Math.min(Math.max((place[0] - left) / step, 0), last);
        const up = Math.min(Math.max((place[1] - bottom) / step, 0), last);
        const column = Math.min(Math.floor(across), last - 1), row = Math.min(Math.floor(up), last - 1);
        context.fillStyle = "#000";
        context.fillRect(0, 0, width, height);
        context.globalCompositeOperation = "lighter";
        for (const [r, upper] of [[row, 0], [row + 1, 1]]) {
            for (const [c, further] of [[column, 0], [column + 1, 1]]) {
                const y = upper ? up - row : 1 - (up - row), x = further ? across - column : 1 - (across - column);
                context.globalAlpha = x * y;
                context.drawImage(pad.sheet, c * width, (last - r) * height, width, height, 0, 0, width, height);
            }
        }
        context.globalAlpha = 1;
        context.globalCompositeOperation = "source-over";
    }

    const tell = (place, set) => {
        clearTimeout(pad.timer);
        pad.sent = Date.now();
        setStateValue("at", [...place, set]);
    };
    const soon = (place, set, wait) => {
        clearTimeout(pad.timer);
        pad.timer = setTimeout(() => tell(place, set), wait);
    };
    const put = (place) => {
        pad.place = place;
        pad.hover = null;
        draw();
        soon(place, true, Math.max(0, pad.sent + PACE - Date.now()));
    };
    const under = (event) => {
        const box = plane.getBoundingClientRect();
        return [
            clip(low[0] + (event.clientX - box.left) / box.width * size, 0),
            clip(low[1] + (1 - (event.clientY - box.top) / box.height) * size, 1),
        ].map((value) => Math.round(1000 * value) / 1000);
    };
    plane.onpointerdown = (event) => {
        plane.setPointerCapture(event.pointerId);
        pad.dragged = true;
        put(under(event));
    };
    plane.onpointermove = (event) => {
        if (pad.dragged) return put(under(event));
        if (event.pointerType !== "mouse") return;
        pad.hover = under(event);
        draw();
        soon(pad.hover, false, REST);
    };
    plane.onpointerup = plane.onpointercancel = () => { pad.dragged = false; };
    plane.onpointerleave = () => {
        if (pad.dragged || !pad.hover) return;
        clearTimeout(pad.timer);
        pad.hover = null;
        draw();
    };
    plane.onkeydown = (event) => {
        const by = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] }[event.key];
        if (!by) return;
        event.preventDefault();
        const pace = event.shiftKey ? 0.5 : 0.1;
        put(pad.place.map((value, i) => Math.round(1000 * clip(value + by[i] * pace, i)) / 1000));
    };
    pad.watcher?.disconnect();
    pad.watcher = new ResizeObserver(() => draw());
    pad.watcher.observe(plane);
    draw();
    return () => { clearTimeout(pad.timer); pad.watcher.disconnect(); };
};
