// The plane of a GAN of points. Generated points glide to where they are next.

const BLUE = [8, 119, 189], ORANGE = [245, 147, 34];
const GLIDE = 350; // milliseconds
const stages = new WeakMap();

function ground(data, background) {
    const canvas = document.createElement("canvas");
    canvas.width = canvas.height = data.side;
    const context = canvas.getContext("2d");
    const image = context.createImageData(data.side, data.side);
    data.grid.forEach((percent, i) => {
        // In a good game every place is near 50 %: the root makes small leanings visible.
        const leaning = percent / 50 - 1;
        const strength = 0.6 * Math.sqrt(Math.abs(leaning));
        const colour = leaning > 0 ? BLUE : ORANGE;
        const row = data.side - 1 - Math.floor(i / data.side), at = 4 * (row * data.side + (i % data.side));
        for (let c = 0; c < 3; c++) image.data[at + c] = background[c] + strength * (colour[c] - background[c]);
        image.data[at + 3] = 255;
    });
    context.putImageData(image, 0, 0);
    return canvas;
}

function rgb(colour) {
    const context = document.createElement("canvas").getContext("2d");
    context.fillStyle = colour || "#fff";
    context.fillRect(0, 0, 1, 1);
    return [...context.getImageData(0, 0, 1, 1).data].slice(0, 3);
}

function paint(stage) {
    const { canvas, data, shown } = stage;
    const ratio = window.devicePixelRatio || 1;
    const size = canvas.clientWidth;
    if (!size) return;
    if (canvas.width !== Math.round(size * ratio)) canvas.width = canvas.height = Math.round(size * ratio);
    const context = canvas.getContext("2d");
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.clearRect(0, 0, size, size);
    const x = (value) => size / 2 + (value / data.reach) * size / 2;
    const y = (value) => size / 2 - (value / data.reach) * size / 2;
    const dot = (point, radius, colour, edge) => {
        context.beginPath();
        context.arc(x(point[0]), y(point[1]), radius, 0, 7);
        context.fillStyle = colour;
        context.fill();
        context.strokeStyle = edge;
        context.lineWidth = 1;
        context.stroke();
    };
    const radius = Math.max(2.6, size / 150);
    if (stage.ground && shown.ground) {
        context.imageSmoothingEnabled = true;
        context.imageSmoothingQuality = "high";
        context.drawImage(stage.ground, 0, 0, size, size);
    }
    const edge = `rgba(${stage.background.join()},.8)`;
    if (shown.real) for (const point of data.real) dot(point, radius, "rgb(8,119,189)", edge);
    const still = (performance.now() - stage.began) / GLIDE;
    const share = Math.min(1, still) ** 0.6;
    const now = (data.fake ?? []).map((point, i) => {
        const from = stage.from?.[i] ?? point;
        return [from[0] + share * (point[0] - from[0]), from[1] + share * (point[1] - from[1])];
    });
    if (shown.fake) for (const point of now) dot(point, radius, "rgb(245,147,34)", edge);
    if (shown.arrows && share === 1) {
        context.strokeStyle = context.fillStyle = stage.ink;
        context.lineWidth = 1.3;
        for (const [fromX, fromY, toX, toY] of data.arrows ?? []) {
            const [a, b, c, d] = [x(fromX), y(fromY), x(toX), y(toY)];
            const angle = Math.atan2(d - b, c - a);
            context.beginPath();
            context.moveTo(a, b);
            context.lineTo(c, d);
            context.stroke();
            context.beginPath();
            context.moveTo(c, d);
            context.lineTo(c - 6 * Math.cos(angle - 0.45), d - 6 * Math.sin(angle - 0.45));
            context.lineTo(c - 6 * Math.cos(angle + 0.45), d - 6 * Math.sin(angle + 0.45));
            context.fill();
        }
    }
    stage.now = now;
    if (share < 1) stage.frame = requestAnimationFrame(() => paint(stage));
}

// What the discriminator says of the place under the pointer.
function tell(stage, event) {
    const { data } = stage, line = stage.root.querySelector(".under");
    if (!data.grid || !event) {
        line.textContent = "";
        return;
    }
    const box = stage.canvas.getBoundingClientRect();
    const cell = (share) => Math.max(0, Math.min(data.side - 1, Math.round(share * (data.side - 1))));
    const column = cell((event.clientX - box.left) / box.width), row = cell(1 - (event.clientY - box.top) / box.height);
    line.textContent = `Here the discriminator says: ${data.grid[row * data.side + column]}% real`;
}

export default ({ parentElement, data }) => {
    const root = parentElement.querySelector(".stage"), canvas = root.querySelector("canvas");
    let stage = stages.get(root);
    if (!stage) {
        stage = { root, canvas, began: -1e9,
            shown: { real: true, fake: true, ground: true, arrows: true } };
        stages.set(root, stage);
        new ResizeObserver(() => paint(stage)).observe(canvas);
    }
    const style = getComputedStyle(root);
    stage.background = rgb(style.getPropertyValue("--st-background-color"));
    stage.ink = style.getPropertyValue("--st-text-color");
    canvas.setAttribute("aria-label", data.alt);
    if (stage.data?.moment !== data.moment || stage.run !== data.run) {
        stage.from = stage.run === data.run ? stage.now : null;
        stage.began = stage.from?.length ? performance.now() : -1e9;
        stage.run = data.run;
    }
    stage.data = data;
    stage.ground = data.grid ? ground(data, stage.background) : null;
    for (const button of root.querySelectorAll("button[data-layer]")) {
        const layer = button.dataset.layer;
        button.hidden = layer !== "real" && !data.grid;
        button.setAttribute("aria-pressed", stage.shown[layer]);
        button.onclick = () => {
            stage.shown[layer] = !stage.shown[layer];
            button.setAttribute("aria-pressed", stage.shown[layer]);
            paint(stage);
        };
    }
    root.querySelector("a").onclick = (event) => { event.currentTarget.href = canvas.toDataURL("image/png"); };
    canvas.onpointermove = (event) => tell(stage, event);
    canvas.onpointerleave = () => tell(stage);
    tell(stage);
    cancelAnimationFrame(stage.frame);
    paint(stage);
};
