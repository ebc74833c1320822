import{a as q}from"./shared-lit-html-directives-repeat.js";import{a as O,b as C,c as x,d as v,e as b,f as z,g as I,h as N,j as _,k as F}from"./shared-history-controller.js";import{a as U,b as R,c as H}from"./shared-i18n-en.js";import{a as A,b as a,e as c,j as m,k as u,l as j}from"./shared-lit-html-lit-html.js";var P=10,tt=18e4,et=6e3,f={kind:"none"},k=class{state=f;#t;#a;#o;#i=0;#r=null;constructor(t,e,i){this.#t=t,this.#a=e,this.#o=i}async ask(t,e=!1){let i=this.#e({kind:"counting",what:t,withPinned:e});try{let o=await this.#t.count({...t,pinned:e});i===this.#i&&this.#e({kind:"asking",what:t,withPinned:e,count:o})}catch(o){i===this.#i&&this.#s({kind:"failed",error:u(o)})}}cancel(){(this.state.kind==="counting"||this.state.kind==="asking")&&this.#e(f)}async agree(){let{state:t}=this;if(t.kind!=="asking"||t.count.captures===0)return;let{what:e,withPinned:i,count:o}=t,r=this.#e({kind:"counting",what:e,withPinned:i});try{let n=await this.#t.remove({...e,pinned:i,until:o.until},o.captures,P);if(r!==this.#i)return;let{deletion_id:l,captures:d}=n;this.#e({kind:"waiting",what:e,id:l,captures:d,due:Date.now()+P*1e3}),this.#l(P*1e3,()=>{this.#e({kind:"working",what:e,id:l,captures:d}),this.#l(tt,()=>this.#s({kind:"failed",error:new m("timeout")}))})}catch(n){let l=u(n);throw r===this.#i&&(l.code==="count_changed"?await this.ask(e,i):this.#e({kind:"asking",what:e,withPinned:i,count:o})),l}}async undo(){let{state:t}=this;if(t.kind==="waiting")try{await this.#t.undo(t.id),this.#s({kind:"taken_back"})}catch(e){let i=u(e);i.code!=="deletion_over"&&this.#s({kind:"failed",error:i})}}take(t){let{state:e}=this;t.event!=="deletion"||e.kind!=="waiting"&&e.kind!=="working"||e.id!==t.deletion_id||this.#s(t.error===null?{kind:"done",captures:t.captures??e.captures}:{kind:"failed",error:new m(t.error)})}lost(){this.state.kind!=="none"&&this.#e(f)}stop(){this.#i+=1,this.#r?.(),this.#r=null,this.state=f}takes(t){let{state:e}=this;if(e.kind!=="waiting"&&e.kind!=="working")return!1;let{ids:i,rooms:o,since:r,until:n,outcomes:l}=e.what;return(!i||i.includes(t.id))&&(!o||o.includes(t.room_id))&&(r===void 0||t.started>=r)&&(n===void 0||t.started<n)&&(!l||l.some(d=>d===t.outcome))}#e(t){return this.#r?.(),this.#r=null,this.state=t,this.#i+=1,this.#a(),this.#i}#s(t){this.#e(t),this.#l(et,()=>this.#e(f))}#l(t,e){this.#r=this.#o(e,t)}};var K=':host{display:block;height:100%}ha-card{container:history / inline-size;display:flex;flex-direction:column;height:100%;min-height:240px;overflow:hidden}.card-without-height{max-height:min(640px,80vh)}header{display:flex;flex:none;align-items:center;min-height:56px;padding-block:4px;padding-inline:16px 8px}h2{flex:1;min-width:0;margin:0;overflow:hidden;font-size:var(--ha-font-size-l, 16px);font-weight:500;text-overflow:ellipsis;white-space:nowrap}.note{display:flex;flex:none;gap:8px;align-items:center;padding:8px 16px;background:color-mix(in srgb,var(--earshot-text) 6%,transparent)}.note span{flex:1}.scroller{position:relative;flex:1;min-height:0;overflow:hidden auto;overscroll-behavior:contain;scrollbar-width:thin;overflow-anchor:none}.feed{position:relative}article{position:absolute;inset-inline:0;contain:layout style}article.going :is(.row,.detail){opacity:.55}h3{display:flex;align-items:center;justify-content:space-between;height:44px;margin:0;padding-block:0;padding-inline:16px 8px;color:var(--earshot-quiet);font-size:var(--ha-font-size-m, 14px);font-weight:500}.row{display:flex;align-items:center;height:80px;padding-inline:8px}.detail{padding:0 16px 16px}.row>input{margin-inline:12px 4px}.body{display:flex;flex:1;gap:12px;align-items:center;min-width:0;height:72px;padding:0 8px;border-radius:12px}.body:hover{background:color-mix(in srgb,currentcolor 5%,transparent)}.badge{display:grid;flex:none;place-items:center;width:40px;height:40px;border-radius:50%;background:color-mix(in srgb,currentcolor 14%,transparent);color:var(--earshot-quiet)}.badge.understood{color:color-mix(in srgb,var(--earshot-good) 80%,var(--earshot-text))}.badge.not_understood{color:color-mix(in srgb,var(--earshot-warn) 65%,var(--earshot-text))}.badge.failed{color:color-mix(in srgb,var(--earshot-bad) 80%,var(--earshot-text))}.texts{display:flex;flex-direction:column;min-width:0}.texts>*{overflow:hidden;text-overflow:ellipsis;white-space:nowrap}.heard{font-weight:500}.heard.none{color:var(--earshot-quiet);font-weight:400;font-style:italic}article.going .heard{text-decoration:line-through}.did,.facts{color:var(--earshot-quiet);font-size:var(--ha-font-size-s, 12px)}.did:empty{display:none}.facts ha-icon{--mdc-icon-size: 14px}.wave{display:none;flex:none;width:120px;height:32px;margin-inline:8px}.waveform{display:block;width:100%;height:100%}.bars{fill:none;stroke:color-mix(in srgb,var(--earshot-quiet) 60%,transparent);stroke-width:1.8;stroke-linecap:round}.bars.played{stroke:var(--earshot-accent)}.skeleton{display:flex;gap:12px;align-items:center;height:80px;padding-inline:16px}.skeleton:before,.skeleton:after{background:color-mix(in srgb,var(--earshot-text) 9%,transparent);content:""}.skeleton:before{width:40px;height:40px;border-radius:50%}.skeleton:after{width:60%;height:16px;border-radius:8px}.state{display:flex;flex:1;flex-direction:column;gap:8px;align-items:center;justify-content:center;padding:24px;text-align:center}.state>ha-icon{--mdc-icon-size: 40px;color:var(--earshot-quiet)}.state h3{height:auto;padding:0;color:inherit}.state p{max-width:44ch;margin:0;color:var(--earshot-quiet)}.state .reasons{width:100%}.state .note{flex-direction:column;background:none}.end{margin:0;padding:16px;color:var(--earshot-quiet);text-align:center}.fresh{flex:none;align-self:center;margin-block:4px}.toolbar{display:flex;flex:none;flex-direction:column;gap:12px;max-height:60%;padding:0 16px 12px;overflow-y:auto}.fields,.chips{display:flex;flex-wrap:wrap;gap:8px}.fields .field{flex:1 1 110px}.fields .wide{flex:1 1 100%}.chip{padding-inline:12px}.chip[aria-pressed=true],.acts .button[aria-pressed=true]{border-color:transparent;background:color-mix(in srgb,var(--earshot-accent) 20%,var(--earshot-surface))}.selection,.toast{display:flex;flex:none;gap:8px;align-items:center;min-height:56px;padding-block:6px;padding-inline:16px 8px;border-top:1px solid var(--earshot-line)}.selection>span,.toast .counting{flex:1}.toast.gone{min-height:0;padding:0;border:0}.toast [role=status]{flex:0 1 auto}@container history (width >= 440px){.wave{display:block}}';var $=class{state="idle";id=null;error=null;#t;#a;#o=null;#i=null;#r=null;constructor(t,e){this.#t=t,this.#a=e}get position(){return this.#i?this.#o?.currentTime??0:0}get length(){let t=this.#i?this.#o?.duration??0:0;return Number.isFinite(t)?t:0}stateOf(t){return this.id===t?this.state:"idle"}async toggle(t){this.id!==t||!this.#i?await this.play(t):this.state==="playing"?this.#o?.pause():await this.#e()}async play(t){this.stop(),this.id=t,this.state="loading",this.#a();let e=new AbortController;this.#r=e;try{let i=await this.#t.fetch(t,e.signal);if(e.signal.aborted)return;this.#i=this.#t.address(i),this.#o??=this.#l(this.#t.audio()),this.#o.src=this.#i}catch(i){e.signal.aborted||this.#s(u(i));return}await this.#e()}seek(t){this.#o&&this.#i&&(this.#o.currentTime=Math.min(Math.max(t,0),this.length||t),this.#a())}stop(){this.#r?.abort(),this.#r=null,this.#o?.pause(),this.#i&&(this.#t.revoke(this.#i),this.#i=null),this.id=null,this.state="idle",this.error=null,this.#a()}async#e(){try{await this.#o?.play()}catch(t){t instanceof DOMException&&t.name==="AbortError"||this.#s(new m("not_playable"))}}#s(t){let{id:e}=this;this.stop(),this.id=e,this.error=t,this.#a()}#l(t){let e=i=>()=>{this.#i&&(this.state=i,this.#a())};return t.addEventListener("playing",e("playing")),t.addEventListener("pause",e("paused")),t.addEventListener("ended",e("paused")),t.addEventListener("durationchange",()=>this.#a()),t.addEventListener("timeupdate",()=>this.#a()),t}};var ot=40;function B(s,t){let{words:e,capture:i,now:o,current:r}=s,n=z(e,i),l=[b(e,i.outcome),I(i)].filter(Boolean).join(" · "),d=r?0:-1,h=[e.time(i.started),s.room,N(e,i,o)].filter(Boolean);return a`
    ${s.selecting?a`<input
          type="checkbox"
          tabindex=${d}
          .checked=${s.selected}
          aria-label=${e.text("capture.select",{what:n})}
          @change=${()=>t.select(i.id)}
        />`:c}
    <button
      class="body"
      tabindex=${d}
      aria-expanded=${s.open}
      @click=${()=>s.selecting?t.select(i.id):t.toggle(i.id)}
    >
      <span class="badge ${i.outcome??""}">
        <ha-icon .icon=${v(i.outcome)}></ha-icon>
      </span>
      <span class="texts">
        <span class="heard ${i.transcript?"":"none"}">${n}</span>
        <span class="did">${l}</span>
        <span class="facts">
          ${i.pin?a`<ha-icon .icon=${"mdi:pin"}></ha-icon>`:c}
          ${i.label?a`<ha-icon .icon=${"mdi:comment-alert-outline"}></ha-icon>`:c}
          ${h.join(" · ")}
        </span>
      </span>
    </button>
    ${i.peaks?a`<span class="wave">${F(i.peaks,ot,s.played)}</span>`:c}
    ${i.audio_bytes!==null&&s.mayPlay?a`<button
          class="icon-button play"
          tabindex=${d}
          aria-label=${e.text(s.play==="playing"?"capture.pause":"capture.play",{what:n})}
          @click=${()=>t.play(i.id)}
        >
          <ha-icon .icon=${st[s.play]}></ha-icon>
        </button>`:c}
  `}var st={idle:"mdi:play",loading:"mdi:dots-horizontal",playing:"mdi:pause",paused:"mdi:play"};var w={empty:"mdi:ear-hearing",nothing_found:"mdi:magnify",denied:"mdi:lock-outline",no_rooms:"mdi:home-outline",no_room:"mdi:home-outline",offline:"mdi:lan-disconnect",failed:"mdi:alert-outline"};function V(s,t,e){let{phase:i}=t;switch(i){case"list":return a``;case"loading":return a`<div class="loading" role="status">
        <span class="hidden">${s.text("loading.text")}</span>
        ${[1,2,3].map(()=>a`<div class="skeleton"></div>`)}
      </div>`;case"locked":return y("mdi:lock-outline",s.text(t.refusals.some(o=>o.reason==="second_factor")?"locked.second_factor.title":"locked.title"),a`<div class="reasons">${L(s,t,e)}</div>`);case"failed":return y(w.failed,s.text("failed.title"),a`<p>${t.reason?s.error(t.reason):c}</p>
          ${E(s.text("failed.retry"),e.retry)}`);case"nothing_found":return y(w.nothing_found,s.text("nothing_found.title"),a`<p>${s.text("nothing_found.text")}</p>
          ${E(s.text("nothing_found.clear"),e.clear)}`);case"empty":return y(w.empty,s.text("empty.title"),a`<p>${s.text(t.keepsNothing?"empty.never":"empty.text")}</p>`);default:return y(w[i],s.text(`${i}.title`),a`<p>${s.text(`${i}.text`)}</p>`)}}function L(s,t,e){return a`
    ${t.refusals.map(({reason:i,rooms:o})=>i==="second_factor"?S("mdi:lock-outline",s.text("locked.second_factor.text",{rooms:s.list(o)}),E(s.text("locked.second_factor.do"),e.code)):S("mdi:lock-outline",s.text("refused.text",{rooms:s.list(o),reason:s.error({code:i,values:{}})})))}
    ${t.sealedRooms.length>0?S("mdi:lock-outline",s.text("locked.seal.text",{rooms:s.list(t.sealedRooms)}),E(s.text("locked.seal.do"),e.unlock)):c}
  `}function S(s,t,e){return a`<div class="note">
    <ha-icon .icon=${s}></ha-icon><span>${t}</span>${e??c}
  </div>`}function y(s,t,e){return a`<div class="state" role="status">
    <ha-icon .icon=${s}></ha-icon>
    <h3>${t}</h3>
    ${e}
  </div>`}function E(s,t){return a`<button class="button filled" @click=${t}>${s}</button>`}function Q(s,t,e,i,o){let r=rt(s,t,i)??e;return a`
    <div class="toast ${r?"":"gone"}">
      <span role="status">${r?nt(s,t)??r:c}</span>
      <span aria-hidden="true" class="counting">${r&&t.kind==="waiting"?r:c}</span>
      ${t.kind==="waiting"?a`<button class="button" @click=${o}>${s.text("delete.take_back")}</button>`:c}
    </div>
  `}function nt(s,t){return t.kind==="waiting"?a`<span class="hidden">${s.count("delete.count",t.captures)}</span>`:null}function rt(s,t,e){switch(t.kind){case"waiting":{let i=Math.max(0,Math.ceil((t.due-e)/1e3));return s.count("delete.waiting",t.captures,{seconds:i})}case"working":return s.text("delete.working");case"done":return s.count("delete.done",t.captures);case"taken_back":return s.text("delete.taken_back");case"failed":return s.text("delete.failed",{reason:s.error(t.error)});default:return null}}function Y(s,t){let{words:e,filter:i,rooms:o}=s,r=n=>i.outcomes.includes(n)?i.outcomes.filter(l=>l!==n):[...i.outcomes,n];return a`
    <div class="toolbar" id="toolbar" role="search">
      <div class="fields">
        <label class="field wide">
          <span>${e.text("history.search")}</span>
          <input
            type="search"
            maxlength="200"
            autocomplete="off"
            .value=${i.text}
            @input=${n=>t.filter({text:W(n).trim()})}
          />
        </label>
        ${o.length>1?a`<label class="field">
              <span>${e.text("history.room")}</span>
              <select
                @change=${n=>t.filter({room:W(n)||null})}
              >
                <option value="" ?selected=${i.room===null}>
                  ${e.text("history.all_rooms")}
                </option>
                ${o.map(n=>a`<option value=${n.room_id} ?selected=${i.room===n.room_id}>
                      ${n.name}
                    </option>`)}
              </select>
            </label>`:c}
        <label class="field">
          <span>${e.text("history.until")}</span>
          <input
            type="date"
            .value=${i.until===null?"":e.dayKey(i.until-1)}
            @change=${n=>t.filter({until:e.endOfDay(W(n))})}
          />
        </label>
      </div>
      <div class="chips" role="group" aria-label=${e.text("history.filter")}>
        ${j.map(n=>a`<button
              class="button outlined chip"
              aria-pressed=${i.outcomes.includes(n)}
              @click=${()=>t.filter({outcomes:r(n)})}
            >
              <ha-icon .icon=${v(n)}></ha-icon>${b(e,n)}
            </button>`)}
      </div>
      <div class="chips">
        <button class="button outlined" @click=${t.removeShown}>
          <ha-icon .icon=${"mdi:delete-outline"}></ha-icon>${e.text("history.delete_shown")}
        </button>
        ${s.mayExport?a`<button class="button outlined" @click=${t.exportShown}>
              <ha-icon .icon=${"mdi:download"}></ha-icon>${e.text("history.export_shown")}
            </button>`:c}
        ${s.unlocked?a`<button class="button outlined" @click=${t.lock}>
              <ha-icon .icon=${"mdi:lock"}></ha-icon>${e.text("history.lock")}
            </button>`:c}
      </div>
    </div>
  `}function W(s){return s.target.value}var at="earshot-history",X=400,lt=2e3,dt=3e4,ct=300,ht=6e3,G=500,D=class extends R{static styles=[U,A(K)];static properties={...R.properties,config:{state:!0},filtering:{state:!0},selected:{state:!0}};layout;preview=!1;#t=null;#a=null;#o=null;#i=null;#r=!1;#e=0;#s=null;#l=800;#g=!1;#c=null;#d=null;#m=null;#n=null;#x=new ResizeObserver(()=>this.#N());constructor(){super(),this.config=null,this.filtering=!1,this.selected=null}setConfig(t){this.config=t,this.#t&&(this.#t.history.device=t.device??null)}enter(t){let e=()=>this.requestUpdate(),i=new $({fetch:(l,d)=>t.api.sound(l,d),audio:()=>new Audio,address:l=>URL.createObjectURL(l),revoke:l=>URL.revokeObjectURL(l)},e),o=new k(t.api,()=>this.#V(),J),r=t.listen({event:l=>{o.take(l),l.event==="listened"&&this.#n&&this.#P(this.#n)},changed:({state:l})=>{l==="offline"&&(o.lost(),i.stop(),this.#w())}}),n=new C(t,l=>this.words?.dayKey(l)??"",e,J,this.config?.device);this.#t={house:t,history:n,player:i,deletion:o,timers:new Map,stopListening:r},this.#E(),this.words&&n.start()}leave(){let t=this.#t;if(this.#t=null,!!t){t.history.stop(),t.deletion.stop(),t.player.stop(),t.stopListening();for(let e of t.timers.values())clearTimeout(e);this.#x.disconnect(),this.#n=this.#o=this.#i=this.#c=null,this.#r=!1,this.#s=0,this.selected=null}}willUpdate(t){let e=this.#t;if(!e)return;t.has("words")&&e.history.start();let{timeline:i}=e.history;this.#n&&!i.has(this.#n)&&(this.#n=this.#o=null),this.#d&&!i.has(this.#d)&&(this.#d=null),this.#e=this.#s??this.#T?.scrollTop??0;let o=this.#c&&i.row(this.#c.id);if(this.#c&&o&&this.#s===null&&this.#e>0){let r=o.top-this.#c.top;r!==0&&(this.#s=this.#e+=r)}this.#e===0&&(e.history.fresh=0)}render(){let{words:t,config:e}=this,i=this.#t;if(!i||!t)return a`<ha-card></ha-card>`;let{history:o,deletion:r}=i,n=o.phase==="list";return a`
      <ha-card class=${this.layout==="grid"?"":"card-without-height"}>
        <header>
          <h2>${e?.title||this.#A(t,o)}</h2>
          ${o.rooms.length>0?this.#q(t,n):c}
        </header>
        ${this.filtering?this.#j(t,i):c}
        ${this.#U(t,i)}
        ${n?this.#H(t,i):V(t,o,this.#R(i))}
        ${this.selected?this.#z(t,i,this.selected):c}
        ${Q(t,r.state,this.#i,Date.now(),()=>{r.undo()})}
      </ha-card>
      <earshot-dialog></earshot-dialog>
    `}updated(){let t=this.#t,e=this.#T;if(!t||!e)return;let{history:i}=t;this.#s!==null&&(e.scrollTop=this.#s,this.#s=null),this.#e=e.scrollTop,this.#l=e.clientHeight;let[o,r]=this.#D(i),n=i.timeline.rows.slice(o,r).find(l=>l.top>=this.#e);if(this.#c=n?{id:n.id,top:n.top}:null,this.#m){let l=this.renderRoot.querySelector(`[data-id="${this.#m}"]`);l&&(this.#m=null,l.focus({preventScroll:!0}))}i.mend(o,r),i.timeline.height-this.#e-this.#l<lt&&i.more()}get#T(){return this.renderRoot.querySelector(".scroller")}#A(t,e){let[i]=e.rooms;return this.config?.device&&i?i.name:t.text("history.title")}#q(t,e){return a`
      ${e?a`<button
            class="icon-button"
            aria-label=${t.text("history.select")}
            aria-pressed=${this.selected!==null}
            @click=${()=>{this.selected=this.selected?null:new Set}}
          >
            <ha-icon .icon=${"mdi:checkbox-multiple-marked-outline"}></ha-icon>
          </button>`:c}
      <button
        class="icon-button"
        aria-label=${t.text("history.filter")}
        aria-expanded=${this.filtering}
        @click=${()=>{this.filtering=!this.filtering}}
      >
        <ha-icon .icon=${"mdi:filter-variant"}></ha-icon>
      </button>
    `}#j(t,e){let{history:i}=e;return Y({words:t,filter:i.filter,rooms:i.rooms,unlocked:this.#r,mayExport:i.rooms.some(o=>x(o,"export")===null)},{filter:o=>this.#_(o),removeShown:()=>{this.#h(async()=>this.#f(await i.shown()))},exportShown:()=>{this.#h(async()=>this.#$(await i.shown()))},lock:()=>{this.#B()}})}#U(t,e){let{history:i,house:o}=e,r=this.#R(e),n=o.view.state==="offline"||o.view.state==="failed",l=i.phase==="list";return a`
      ${l&&n?a`<div class="note" role="status">
            <ha-icon .icon=${"mdi:lan-disconnect"}></ha-icon>
            <span>${t.text("offline.stale")}</span>
          </div>`:c}
      ${l&&!n&&i.error?a`<div class="note" role="alert">
            <ha-icon .icon=${"mdi:alert-outline"}></ha-icon>
            <span>${t.error(i.error)}</span>
            <button class="button" @click=${r.retry}>${t.text("failed.retry")}</button>
          </div>`:c}
      ${i.complete?c:a`<div class="note" role="status">
            <span>${t.text("history.incomplete")}</span>
          </div>`}
      ${l?L(t,i,r):c}
      ${i.fresh>0&&this.#e>0?a`<button class="button filled fresh" @click=${()=>this.#Y()}>
            <ha-icon .icon=${"mdi:arrow-up"}></ha-icon>
            ${t.count("history.new",i.fresh)}
          </button>`:c}
    `}#H(t,e){let{history:i}=e,{timeline:o}=i,[r,n]=this.#D(i),l=o.rows.slice(r,n);return a`
      <div class="scroller" @scroll=${this.#Q}>
        <div
          class="feed"
          role="feed"
          aria-label=${t.text("history.shown")}
          aria-busy=${i.isLoading}
          style="height:${o.height}px"
          @keydown=${this.#G}
          @focusin=${this.#X}
        >
          ${q(l,d=>d.id,(d,h)=>this.#O(t,e,d,r+h))}
        </div>
        ${i.atEnd?a`<p class="end">${t.text("history.end")}</p>`:c}
      </div>
    `}#O(t,e,i,o){let{history:r,player:n,deletion:l,house:d}=e,h=r.capture(i.id),g=Date.now(),T=this.#d===null?o===0:this.#d===i.id,Z=n.id===i.id,M=i.first?t.day(i.started,g):"";return a`
      <article
        data-id=${i.id}
        class=${h&&l.takes(h)?"going":""}
        aria-posinset=${o+1}
        aria-setsize=${r.atEnd?r.timeline.rows.length:-1}
        tabindex=${T?0:-1}
        style="transform:translateY(${i.top}px)"
      >
        ${i.first?a`<h3>
              <span>${M}</span>
              ${r.filter.text?c:a`<button
                    class="icon-button"
                    tabindex=${T?0:-1}
                    aria-label=${`${t.text("history.delete_day")}: ${M}`}
                    @click=${()=>{this.#f({...r.span(),...t.span(i.day)})}}
                  >
                    <ha-icon .icon=${"mdi:delete-outline"}></ha-icon>
                  </button>`}
            </h3>`:c}
        ${h?a`<div class="row">
              ${B({words:t,now:g,capture:h,room:r.rooms.length>1?_(r.rooms,i.roomId):null,play:n.stateOf(i.id),played:Z&&n.length?n.position/n.length:0,open:this.#n===i.id,selected:this.selected?.has(i.id)??!1,selecting:this.selected!==null,current:T,mayPlay:ut(x(d.room(i.roomId),"play"))},{toggle:p=>this.#v(p),play:p=>{this.#b(p)},select:p=>this.#k(p)})}
            </div>`:a`<div class="skeleton"></div>`}
        ${this.#n===i.id&&h?this.#C(t,e,h):c}
      </article>
    `}#C(t,e,i){let o=this.#a;if(!o)return a``;let{house:r,player:n}=e,{api:l}=r;return a`
      <style>
        ${o.styles}
      </style>
      <div class="detail">
        ${o.detail({words:t,now:Date.now(),capture:i,room:r.room(i.room_id),player:n,listened:this.#o?.id===i.id?this.#o.lines:null},{seek:(d,h)=>{this.#F(d,h)},pin:d=>{this.#u(h=>h.pin(t,l,d))},unpin:d=>{this.#h(()=>l.unpin(d.id))},label:(d,h)=>{this.#K(d,h)},export:d=>{this.#$({ids:[d.id]})},remove:d=>{this.#f({ids:[d.id]})}})}
      </div>
    `}#z(t,e,i){let o=[...i],r=e.history.rooms.some(n=>x(n,"export")===null);return a`
      <div class="selection" role="toolbar" aria-label=${t.text("history.select")}>
        <span role="status">${t.count("history.selected",o.length)}</span>
        ${r?a`<button
              class="icon-button"
              aria-label=${t.text("capture.export")}
              ?disabled=${o.length===0}
              @click=${()=>{this.#$({ids:o})}}
            >
              <ha-icon .icon=${"mdi:download"}></ha-icon>
            </button>`:c}
        <button
          class="icon-button"
          aria-label=${t.text("capture.delete")}
          ?disabled=${o.length===0}
          @click=${()=>{this.#f({ids:o})}}
        >
          <ha-icon .icon=${"mdi:delete-outline"}></ha-icon>
        </button>
        <button
          class="button"
          @click=${()=>{this.selected=null}}
        >
          ${t.text("history.done")}
        </button>
      </div>
    `}#R(t){return{clear:()=>this.#_({room:null,outcomes:[],text:"",until:null},!0),retry:()=>t.history.retry(),code:()=>{this.#S()},unlock:()=>{this.#L()}}}#_(t,e=!1){let i=this.#t;if(!i)return;let o=()=>{this.#s=0,i.history.setFilter(t)};t.text!==void 0&&!e?this.#y("typing",ct,o):o()}#v(t){let e=this.#t;e&&(this.#n=this.#n===t?null:t,this.#d=t,e.history.timeline.open(this.#n),this.#g=!0,this.#n&&(this.#P(t),this.#I()),this.requestUpdate())}async#I(){try{this.#a??=await import("./history-detail.js")}catch{this.#p({code:"unreadable",values:{}})}this.requestUpdate(),await this.updateComplete,this.#x.disconnect();let t=this.renderRoot.querySelector(".detail");t&&this.#x.observe(t)}#N(){let t=this.renderRoot.querySelector(".detail"),e=this.#t?.history.timeline;if(t&&e&&this.#n){e.open(this.#n,t.offsetHeight);let i=e.row(this.#n);i&&this.#g&&(this.#g=!1,this.#M(i)),this.requestUpdate()}}#P(t){let e=this.#t;e&&(this.#o?.id!==t&&(this.#o={id:t,lines:null}),e.house.api.listened([t]).then(i=>{this.#o?.id===t&&(this.#o={id:t,lines:i},this.requestUpdate())},()=>{}))}async#b(t){let e=this.#t?.player;await e?.toggle(t);let i=e?.error;if(!e||!i)return;i.code==="second_factor"&&await this.#S()||i.code==="capture_sealed"&&await this.#L()?await e.play(t):this.#p(i)}async#F(t,e){let i=this.#t?.player;i&&(i.id!==t||!i.length)&&await this.#b(t),i?.id===t&&i.seek(e*i.length)}#k(t){let e=new Set(this.selected);!e.delete(t)&&e.size<O&&e.add(t),this.selected=e}async#K(t,e){let{words:i}=this,o=this.#t?.house.api;!i||!o||(t.label===e?await this.#h(()=>o.label(t.id,null)):e==="wrong_text"?await this.#u(r=>r.rightText(i,o,t)):await this.#h(()=>o.label(t.id,e)))}async#f(t){let{words:e}=this,i=this.#t?.deletion;!e||!i||(i.ask(t),await this.#u(o=>o.deleting(e,i))?this.selected=null:i.cancel())}async#$(t){let{words:e}=this,i=this.#t?.house.api;e&&i&&await this.#u(o=>o.exporting(e,async()=>{pt(await i.export(t)),this.#W(e.text("export.done"))}))}async#S(){let{words:t}=this,e=this.#t;return!t||!e?!1:this.#u(i=>i.secondFactor(t,e.house.api,o=>{this.#y("code",o*1e3+G,()=>{e.house.refresh()}),e.history.reload(),e.house.refresh()}))}async#L(){let{words:t}=this,e=this.#t;if(!t||!e)return!1;let{house:i,history:o}=e;try{let r=(await i.api.seals()).filter(l=>l.mine);if(r.length===0)return this.#p({code:"seal_unknown",values:{}}),!1;let n=l=>t.list(l.rooms.map(d=>_(o.rooms,d)).filter(Boolean));return await this.#u(l=>l.passphrase(t,i.api,r,n,d=>{this.#r=!0,this.#y("unlocked",d*1e3+G,()=>this.#w()),o.reload()}))}catch(r){return this.#p(u(r)),!1}}async#B(){let t=this.#t?.house.api;t&&await this.#h(()=>t.lock()),this.#w()}#w(){let t=this.#t;this.#r&&t&&(this.#r=!1,clearTimeout(t.timers.get("unlocked")),t.player.stop(),t.history.reload())}async#h(t){try{await t()}catch(e){this.#p(u(e))}}async#u(t){let{words:e}=this;try{let i=await import("./history-questions.js"),o=this.renderRoot.querySelector("earshot-dialog");return e&&o?await o.ask(e,t(i)):!1}catch(i){return this.#p(u(i)),!1}}#V(){this.renderRoot.querySelector("earshot-dialog")?.refresh?.(),this.requestUpdate(),this.#E()}#p(t){this.words&&this.#W(this.words.error(t))}#W(t){this.#i=t,this.requestUpdate(),this.#y("notice",ht,()=>{this.#i=null,this.requestUpdate()})}#E(){let t=this.#t?.deletion.state.kind==="waiting";this.#y("tick",t?1e3:dt,()=>{this.requestUpdate(),this.#E()})}#y(t,e,i){let o=this.#t?.timers;o&&(clearTimeout(o.get(t)),o.set(t,setTimeout(i,e)))}#D(t){return t.timeline.between(this.#e-X,this.#e+this.#l+X)}#Q=()=>{this.#c=null,this.requestUpdate()};#Y(){this.#s=0,this.requestUpdate()}#X=t=>{let e=t.target.closest("article")?.dataset.id;e&&e!==this.#d&&(this.#d=e,this.requestUpdate())};#G=t=>{let e=this.#t,i=e?.history.timeline.rows,o=t.target,r=o.closest("article")?.dataset.id;if(!e||!i||!r||t.ctrlKey||t.metaKey||t.altKey)return;let n=i.findIndex(g=>g.id===r),l=Math.max(1,Math.floor(this.#l/100)),h={ArrowDown:n+1,ArrowUp:n-1,PageDown:n+l,PageUp:n-l,Home:0,End:i.length-1}[t.key];h!==void 0?(t.preventDefault(),this.#Z(e,Math.min(Math.max(h,0),i.length-1))):t.key==="Escape"&&(this.#n||this.selected)?(t.preventDefault(),t.stopPropagation(),this.#n?this.#v(this.#n):this.selected=null,this.#m=r):o.tagName==="ARTICLE"&&this.#J(t,r)};#J(t,e){let o={Enter:()=>this.selected?this.#k(e):this.#v(e)," ":()=>this.selected?this.#k(e):void this.#b(e),Delete:()=>{this.#f({ids:[e]})}}[t.key];o&&(t.preventDefault(),o())}#Z(t,e){let{timeline:i}=t.history,o=i.rows[e];o&&(this.#d=this.#m=o.id,this.#M(o))}#M(t){let e=this.#t?.history.timeline,i=t.top+(e?.heightOf(t)??0);t.top<this.#e?this.#s=t.top:i>this.#e+this.#l&&(this.#s=Math.min(t.top,i-this.#l)),this.requestUpdate()}};H(at,D);function ut(s){return s===null||s==="second_factor"}function J(s,t){let e=setTimeout(s,t);return()=>clearTimeout(e)}function pt(s){let t=URL.createObjectURL(s),e=document.createElement("a");e.href=t,e.download="earshot.zip",e.click(),setTimeout(()=>URL.revokeObjectURL(t),6e4)}export{D as HistoryElement,at as element};
