import{a as at}from"./shared-lit-html-directives-repeat.js";import{a as it,b as nt,c as st,d as rt,e as $,f as P,g as lt,h as dt,i as ct,k as T,l as ht}from"./shared-history-controller.js";import{a as J,b as Z,c as et,d as q,e as ot}from"./shared-i18n-en.js";import{a as Q,b as d,e as c,j as m,k as y,l as tt}from"./shared-lit-html-lit-html.js";function pt(i,t,e,o){let{history:n,selected:s}=t;return d`
    ${n.phase==="list"?d`<button
          class="icon-button"
          aria-label=${i.text("history.select")}
          aria-pressed=${s.ids!==null}
          @click=${()=>s.ids?s.end():s.begin()}
        >
          <ha-icon .icon=${"mdi:checkbox-multiple-marked-outline"}></ha-icon>
        </button>`:c}
    <button
      class="icon-button"
      aria-label=${i.text("history.filter")}
      aria-expanded=${e}
      @click=${o}
    >
      <ha-icon .icon=${"mdi:filter-variant"}></ha-icon>
    </button>
  `}function ut(i,t,e){let{deeds:o,history:n,selected:s}=t,r=[...e],a=(l,h,p)=>d`<button
      class="icon-button"
      aria-label=${l}
      ?disabled=${r.length===0}
      @click=${p}
    >
      <ha-icon .icon=${h}></ha-icon>
    </button>`;return d`
    <div class="selection" role="toolbar" aria-label=${i.text("history.select")}>
      <span role="status">${i.count("history.selected",r.length)}</span>
      ${n.mayExport?a(i.text("capture.export"),"mdi:download",()=>{o.export({ids:r})}):c}
      ${a(i.text("capture.delete"),"mdi:delete-outline",()=>{o.remove({ids:r})})}
      <button class="button" @click=${()=>s.end()}>${i.text("history.done")}</button>
    </div>
  `}var mt=':host{display:block;height:100%}ha-card{container:history / inline-size;display:flex;flex-direction:column;height:100%;min-height:240px;overflow:hidden}.card-without-height{max-height:min(640px,80vh)}header{display:flex;flex:none;align-items:center;min-height:56px;padding-block:4px;padding-inline:16px 8px}h2{flex:1;min-width:0;margin:0;overflow:hidden;font-size:var(--ha-font-size-l, 16px);font-weight:500;text-overflow:ellipsis;white-space:nowrap}.note{display:flex;flex:none;gap:8px;align-items:center;padding:8px 16px;background:color-mix(in srgb,var(--earshot-text) 6%,transparent)}.note[hidden]{display:none}.note span{flex:1}.scroller{position:relative;flex:1;min-height:0;overflow:hidden auto;overscroll-behavior:contain;scrollbar-width:thin;overflow-anchor:none}.feed{position:relative}article{position:absolute;inset-inline:0;contain:layout style}article.going :is(.row,.detail){opacity:.55}h3{display:flex;align-items:center;justify-content:space-between;height:44px;margin:0;padding-block:0;padding-inline:16px 8px;color:var(--earshot-quiet);font-size:var(--ha-font-size-m, 14px);font-weight:500}.row{display:flex;align-items:center;height:80px;padding-inline:8px}.detail{padding:0 16px 16px}.row>input{margin-inline:12px 4px}.body{display:flex;flex:1;gap:12px;align-items:center;min-width:0;height:72px;padding:0 8px;border-radius:12px}.body:hover{background:color-mix(in srgb,currentcolor 5%,transparent)}.badge{display:grid;flex:none;place-items:center;width:40px;height:40px;border-radius:50%;background:color-mix(in srgb,currentcolor 14%,transparent);color:var(--earshot-quiet)}.badge.understood{color:color-mix(in srgb,var(--earshot-good) 80%,var(--earshot-text))}.badge.not_understood{color:color-mix(in srgb,var(--earshot-warn) 65%,var(--earshot-text))}.badge.failed{color:color-mix(in srgb,var(--earshot-bad) 80%,var(--earshot-text))}.texts{display:flex;flex-direction:column;min-width:0}.texts>*{overflow:hidden;text-overflow:ellipsis;white-space:nowrap}.heard{font-weight:500}.heard.none{color:var(--earshot-quiet);font-weight:400;font-style:italic}article.going .heard{text-decoration:line-through}.did,.facts{color:var(--earshot-quiet);font-size:var(--ha-font-size-s, 12px)}.did:empty{display:none}.facts ha-icon{--mdc-icon-size: 14px}.wave{display:none;flex:none;width:120px;height:32px;margin-inline:8px}.waveform{display:block;width:100%;height:100%}.bars{fill:none;stroke:color-mix(in srgb,var(--earshot-quiet) 60%,transparent);stroke-width:1.8;stroke-linecap:round}.bars.played{stroke:var(--earshot-accent)}.skeleton{display:flex;gap:12px;align-items:center;height:80px;padding-inline:16px}.skeleton:before,.skeleton:after{background:color-mix(in srgb,var(--earshot-text) 9%,transparent);content:""}.skeleton:before{width:40px;height:40px;border-radius:50%}.skeleton:after{width:60%;height:16px;border-radius:8px}.state{display:flex;flex:1;flex-direction:column;gap:8px;align-items:center;justify-content:center;padding:24px;text-align:center}.state>ha-icon{--mdc-icon-size: 40px;color:var(--earshot-quiet)}.state h3{height:auto;padding:0;color:inherit}.state p{max-width:44ch;margin:0;color:var(--earshot-quiet)}.state .reasons{width:100%}.state .note{flex-direction:column;background:none}.state .note ha-icon{display:none}.end{margin:0;padding:16px;color:var(--earshot-quiet);text-align:center}.fresh{flex:none;align-self:center;margin-block:4px}.toolbar{display:flex;flex:none;flex-direction:column;gap:12px;max-height:60%;padding:0 16px 12px;overflow-y:auto}.fields,.chips{display:flex;flex-wrap:wrap;gap:8px}.fields .field{flex:1 1 110px}.fields .wide{flex:1 1 100%}.chip{padding-inline:12px}.chip[aria-pressed=true],.acts .button[aria-pressed=true]{border-color:transparent;background:color-mix(in srgb,var(--earshot-accent) 20%,var(--earshot-surface))}.selection,.toast{display:flex;flex:none;gap:8px;align-items:center;min-height:56px;padding-block:6px;padding-inline:16px 8px;border-top:1px solid var(--earshot-line)}.selection>span,.toast .counting{flex:1}.toast.gone{min-height:0;padding:0;border:0}.toast [role=status]{flex:0 1 auto}@container history (width >= 440px){.wave{display:block}}@container history (width < 360px){.body{gap:8px;padding-inline:4px}}';function ft(i,t){let e=t.target,o=F(e);if(!o||t.ctrlKey||t.metaKey||t.altKey)return;let{timeline:n}=i.history,s=Math.max(1,Math.floor(i.viewport.height/100)),r=n.rows.length-1,a=jt(t.key,s,r,()=>n.rows.findIndex(h=>h.id===o)),l=a===null?At(i,t.key,o,e.tagName==="ARTICLE"):null;if(a!==null)i.goTo(a);else if(l)l();else return;t.preventDefault(),t.stopPropagation()}function F(i){return i?.closest("article")?.dataset.id}function jt(i,t,e,o){let n=new Map([["ArrowDown",1],["ArrowUp",-1],["PageDown",t],["PageUp",-t],["Home",Number.NEGATIVE_INFINITY],["End",Number.POSITIVE_INFINITY]]).get(i);return n===void 0?null:Math.min(Math.max(o()+n,0),e)}function At(i,t,e,o){let{selected:n,opened:s,deeds:r}=i;if(t==="Escape")return s.id||n.ids?()=>i.escape(e):null;if(!o)return null;switch(t){case"Enter":return()=>i.choose(e);case" ":return()=>{n.ids?n.flip(e):r.play(e)};case"Delete":return()=>{r.remove({ids:[e]})};default:return null}}var Dt=40;function yt(i,t){let{words:e,capture:o,now:n,current:s}=i,r=lt(e,o),a=[P(e,o.outcome),dt(o)].filter(Boolean).join(" · "),l=s?0:-1,h=[e.time(o.started),i.room,ct(e,o,n)].filter(Boolean);return d`
    ${i.selecting?d`<input
          type="checkbox"
          tabindex=${l}
          .checked=${i.selected}
          aria-label=${e.text("capture.select",{what:r})}
          @change=${p=>{p.target.checked=t.select()}}
        />`:c}
    <button
      class="body"
      tabindex=${l}
      aria-expanded=${i.open}
      @click=${t.choose}
    >
      <span class="badge ${o.outcome??""}">
        <ha-icon .icon=${$(o.outcome)}></ha-icon>
      </span>
      <span class="texts">
        <span class="heard ${o.transcript?"":"none"}">${r}</span>
        <span class="did">${a}</span>
        <span class="facts">
          ${o.pin?d`<ha-icon .icon=${"mdi:pin"}></ha-icon>`:c}
          ${o.label?d`<ha-icon .icon=${"mdi:comment-alert-outline"}></ha-icon>`:c}
          ${h.join(" · ")}
        </span>
      </span>
    </button>
    ${o.peaks?d`<span class="wave">${ht(o.peaks,Dt,i.played)}</span>`:c}
    ${o.audio_bytes!==null&&i.mayPlay?d`<button
          class="icon-button play"
          tabindex=${l}
          aria-label=${e.text(i.play==="playing"?"capture.pause":"capture.play",{what:r})}
          @click=${t.play}
        >
          <ha-icon .icon=${Lt[i.play]}></ha-icon>
        </button>`:c}
  `}var Lt={idle:"mdi:play",loading:"mdi:dots-horizontal",playing:"mdi:pause",paused:"mdi:play"};function gt(i,t,e){let{history:o}=t;return d`
    <div class="scroller" @scroll=${t.scrolled}>
      <div
        class="feed"
        role="feed"
        aria-label=${i.text("history.shown")}
        aria-busy=${o.isLoading}
        style="height:${o.timeline.height}px"
        @keydown=${n=>ft(t,n)}
        @focusin=${n=>t.focused(F(n.target))}
      >
        ${at(t.rows,({slot:n})=>n,({row:n,at:s})=>Mt(i,t,n,s,e))}
      </div>
      ${o.atEnd?d`<p class="end">${i.text("history.end")}</p>`:c}
    </div>
  `}function Mt(i,t,e,o,n){let{history:s,deletion:r,opened:a,viewport:l}=t,h=s.capture(e.id),p=l.current===null?o===0:l.current===e.id;return d`
    <article
      data-id=${e.id}
      class=${h&&r.takes(h)?"going":""}
      aria-posinset=${o+1}
      aria-setsize=${s.atEnd?s.timeline.rows.length:-1}
      tabindex=${p?0:-1}
      style="transform:translateY(${e.top}px)"
    >
      ${e.first?Ht(i,t,e,p,n):c}
      ${h?d`<div class="row">${Ot(i,t,h,p,n)}</div>`:d`<div class="skeleton"></div>`}
      ${a.id===e.id&&h?Ct(i,t,h,n):c}
    </article>
  `}function Ht(i,t,e,o,n){let{history:s,deeds:r}=t,a=i.day(e.started,n);return d`<h3>
    <span>${a}</span>
    ${s.filter.text?c:d`<button
          class="icon-button"
          tabindex=${o?0:-1}
          aria-label=${`${i.text("history.delete_day")}: ${a}`}
          @click=${()=>r.remove({...s.span(),...i.span(e.day)})}
        >
          <ha-icon .icon=${"mdi:delete-outline"}></ha-icon>
        </button>`}
  </h3>`}function Ot(i,t,e,o,n){let{house:s,history:r,player:a,deeds:l,opened:h,selected:p}=t,{id:u,room_id:g}=e,b=rt(s.room(g),"play");return yt({words:i,now:n,capture:e,room:r.rooms.length>1?T(r.rooms,g):null,play:a.stateOf(u),played:a.id===u&&a.length?a.position/a.length:0,open:h.id===u,selected:p.has(u),selecting:p.ids!==null,current:o,mayPlay:b===null||b==="second_factor"},{choose:()=>t.choose(u),play:()=>l.play(u),select:()=>p.flip(u)})}function Ct(i,t,e,o){let{house:n,player:s,deeds:r,opened:a}=t,l=a.detail;if(!l)return d``;let h=n.room(e.room_id);return d`
    <style>
      ${l.styles}
    </style>
    <div class="detail">
      ${l.detail({words:i,now:o,capture:e,room:h,player:s,listened:a.listened},r)}
    </div>
  `}var E={empty:"mdi:ear-hearing",nothing_found:"mdi:magnify",denied:"mdi:lock-outline",no_rooms:"mdi:home-outline",no_room:"mdi:home-outline",offline:"mdi:lan-disconnect",failed:"mdi:alert-outline"};function vt(i,t,e){let{phase:o}=t;switch(o){case"list":return d``;case"loading":return d`<div class="loading" role="status">
        <span class="hidden">${i.text("loading.text")}</span>
        ${[1,2,3].map(()=>d`<div class="skeleton"></div>`)}
      </div>`;case"locked":return v("mdi:lock-outline",i.text(t.refusals.some(n=>n.reason==="second_factor")?"locked.second_factor.title":"locked.title"),d`<div class="reasons">${z(i,t,e)}</div>`);case"failed":return v(E.failed,i.text("failed.title"),d`<p>${t.reason?i.error(t.reason):c}</p>
          ${S(i.text("failed.retry"),e.retry)}`);case"nothing_found":return v(E.nothing_found,i.text("nothing_found.title"),d`<p>${i.text("nothing_found.text")}</p>
          ${S(i.text("nothing_found.clear"),e.clear)}`);case"empty":return v(E.empty,i.text("empty.title"),d`<p>${i.text(t.keepsNothing?"empty.never":"empty.text")}</p>`);default:return v(E[o],i.text(`${o}.title`),d`<p>${i.text(`${o}.text`)}</p>`)}}function z(i,t,e){return d`
    ${t.refusals.map(({reason:o,rooms:n})=>o==="second_factor"?U("mdi:lock-outline",i.text("locked.second_factor.text",{rooms:i.list(n)}),S(i.text("locked.second_factor.do"),e.code)):U("mdi:lock-outline",i.text("refused.text",{rooms:i.list(n),reason:i.error({code:o,values:{}})})))}
    ${t.sealedRooms.length>0?U("mdi:lock-outline",i.text("locked.seal.text",{rooms:i.list(t.sealedRooms)}),S(i.text("locked.seal.do"),e.unlock)):c}
  `}function U(i,t,e){return d`<div class="note">
    <ha-icon .icon=${i}></ha-icon><span>${t}</span>${e??c}
  </div>`}function v(i,t,e){return d`<div class="state" role="status">
    <ha-icon .icon=${i}></ha-icon>
    <h3>${t}</h3>
    ${e}
  </div>`}function S(i,t){return d`<button class="button filled" @click=${t}>${i}</button>`}function xt(i,t,e){let{history:o,house:n,arrivals:s}=t,{state:r}=n.view,a=o.phase==="list",l=r==="offline"||r==="failed",h=a&&l;return d`
    <div class="note" role="status" ?hidden=${!h}>
      <ha-icon .icon=${"mdi:lan-disconnect"}></ha-icon>
      <span>${h?i.text("offline.stale"):c}</span>
    </div>
    ${a&&!l&&o.error?d`<div class="note" role="alert">
          <ha-icon .icon=${"mdi:alert-outline"}></ha-icon>
          <span>${i.error(o.error)}</span>
          <button class="button" @click=${e.retry}>${i.text("failed.retry")}</button>
        </div>`:c}
    ${o.complete?c:d`<div class="note" role="status">
          <span>${i.text("history.incomplete")}</span>
        </div>`}
    ${a?z(i,o,e):c}
    ${s.unseen>0?d`<button class="button filled fresh" @click=${t.toTop}>
          <ha-icon .icon=${"mdi:arrow-up"}></ha-icon>
          ${i.count("history.new",s.unseen)}
        </button>`:c}
    <span class="hidden" role="status"
      >${s.told>0?i.count("history.new",s.told):c}</span
    >
  `}function bt(i,t,e,o,n){let s=It(i,t,o)??e;return d`
    <div class="toast ${s?"":"gone"}">
      <span role="status">${s?Nt(i,t)??s:c}</span>
      <span aria-hidden="true" class="counting">${s&&t.kind==="waiting"?s:c}</span>
      ${t.kind==="waiting"?d`<button class="button" @click=${n}>${i.text("delete.take_back")}</button>`:c}
    </div>
  `}function Nt(i,t){return t.kind==="waiting"?d`<span class="hidden">${i.count("delete.count",t.captures)}</span>`:null}function It(i,t,e){switch(t.kind){case"waiting":{let o=Math.max(0,Math.ceil((t.due-e)/1e3));return i.count("delete.waiting",t.captures,{seconds:o})}case"working":return i.text("delete.working");case"done":return i.count("delete.done",t.captures);case"taken_back":return i.text("delete.taken_back");case"failed":return i.text("delete.failed",{reason:i.error(t.error)});default:return null}}function kt(i,t){let{access:e,deeds:o,history:n}=t,{filter:s,rooms:r}=n,a=l=>s.outcomes.includes(l)?s.outcomes.filter(h=>h!==l):[...s.outcomes,l];return d`
    <div class="toolbar" id="toolbar" role="search">
      <div class="fields">
        <label class="field wide">
          <span>${i.text("history.search")}</span>
          <input
            type="search"
            maxlength="200"
            autocomplete="off"
            .value=${s.text}
            @input=${l=>t.filter({text:B(l).trim()})}
          />
        </label>
        ${r.length>1?d`<label class="field">
              <span>${i.text("history.room")}</span>
              <select
                @change=${l=>t.filter({room:B(l)||null})}
              >
                <option value="" ?selected=${s.room===null}>
                  ${i.text("history.all_rooms")}
                </option>
                ${r.map(l=>d`<option value=${l.room_id} ?selected=${s.room===l.room_id}>
                      ${l.name}
                    </option>`)}
              </select>
            </label>`:c}
        <label class="field">
          <span>${i.text("history.until")}</span>
          <input
            type="date"
            .value=${s.until===null?"":i.dayKey(s.until-1)}
            @change=${l=>t.filter({until:i.endOfDay(B(l))})}
          />
        </label>
      </div>
      <div class="chips" role="group" aria-label=${i.text("history.filter")}>
        ${tt.map(l=>d`<button
              class="button outlined chip"
              aria-pressed=${s.outcomes.includes(l)}
              @click=${()=>t.filter({outcomes:a(l)})}
            >
              <ha-icon .icon=${$(l)}></ha-icon>${P(i,l)}
            </button>`)}
      </div>
      <div class="chips">
        <button class="button outlined" @click=${o.removeShown}>
          <ha-icon .icon=${"mdi:delete-outline"}></ha-icon>${i.text("history.delete_shown")}
        </button>
        ${n.mayExport?d`<button class="button outlined" @click=${o.exportShown}>
              <ha-icon .icon=${"mdi:download"}></ha-icon>${i.text("history.export_shown")}
            </button>`:c}
        ${e.unlocked?d`<button class="button outlined" @click=${e.lock}>
              <ha-icon .icon=${"mdi:lock"}></ha-icon>${i.text("history.lock")}
            </button>`:c}
      </div>
    </div>
  `}function B(i){return i.target.value}var wt=500,_=class{unlocked=!1;#t;constructor(t){this.#t=t}giveCode=()=>{let{house:t,history:e,timers:o}=this.#t;return this.#t.ask((n,s)=>n.secondFactor(s,t.api,r=>{o.after("code",r*1e3+wt,()=>{t.refresh()}),e.reload(),t.refresh()}))};unlock=async()=>{let{house:t,history:e,timers:o,notice:n}=this.#t,s=!1;return await n.attempt(async()=>{let r=(await t.api.seals()).filter(a=>a.mine);if(r.length===0)throw new m("seal_unknown");s=await this.#t.ask((a,l)=>{let h=p=>l.list(p.rooms.map(u=>T(e.rooms,u)).filter(Boolean));return a.passphrase(l,t.api,r,h,p=>{this.unlocked=!0,o.after("unlocked",p*1e3+wt,()=>this.locked()),e.reload()})})}),s};lock=async()=>{await this.#t.notice.attempt(()=>this.#t.house.api.lock()),this.locked()};locked(){this.unlocked&&(this.unlocked=!1,this.#t.timers.end("unlocked"),this.#t.quiet(),this.#t.history.reload())}};var K=6e3,R=class{text=null;#t;#e;#o;constructor(t,e,o){this.#t=t,this.#e=e,this.#o=o}tell(t){this.text=t,this.#o(),t!==null&&this.#e.after("notice",K,()=>this.tell(null))}fail=t=>{this.tell(this.#t()?.error(y(t))??null)};async attempt(t){try{await t()}catch(e){this.fail(e)}}};var W=class{unseen=0;told=0;#t=0;#e;#o;constructor(t,e){this.#e=t,this.#o=e}take(t,e){let o=t-this.#t;this.#t=t,this.unseen=e||o<0?0:this.unseen+o,o>0&&(this.told+=o,this.#e.after("arrivals",K,()=>{this.told=0,this.#o()}))}};function $t(i,t,e){return async o=>{try{let n=await import("./history-questions.js"),s=i(),r=t();return s&&r?await r.ask(s,o(n,s)):!1}catch(n){return e(n),!1}}}var j=class{#t;constructor(t){this.#t=t}async play(t){let{player:e,access:o,notice:n}=this.#t;await e.toggle(t);let{error:s}=e;if(!s)return;s.code==="second_factor"&&await o.giveCode()||s.code==="capture_sealed"&&await o.unlock()?await e.play(t):n.fail(s)}async seek(t,e){let{player:o}=this.#t;(o.id!==t||!o.length)&&await this.play(t),o.id===t&&o.seek(e*o.length)}async pin(t){await this.#t.ask((e,o)=>e.pin(o,this.#t.api,t))}async unpin({id:t}){await this.#t.notice.attempt(()=>this.#t.api.unpin(t))}async label(t,e){let{api:o,ask:n,notice:s}=this.#t;e==="wrong_text"&&t.label!==e?await n((r,a)=>r.rightText(a,o,t)):await s.attempt(()=>o.label(t.id,t.label===e?null:e))}async remove(t){let{deletion:e,ask:o}=this.#t;e.ask(t),await o((n,s)=>n.deleting(s,e))?this.#t.agreed():e.cancel()}async export(t){let{api:e,ask:o,notice:n,save:s}=this.#t;await o((r,a)=>r.exporting(a,async()=>{s(await e.export(t)),n.tell(a.text("export.done"))}))}removeShown=()=>this.#e(t=>this.remove(t));exportShown=()=>this.#e(t=>this.export(t));#e(t){let{history:e,notice:o}=this.#t;return o.attempt(async()=>t(await e.shown()))}};var V=10,qt=18e4,Ft=6e3,x={kind:"none"},A=class{state=x;#t;#e;#o;#i=0;#s=null;constructor(t,e,o){this.#t=t,this.#e=e,this.#o=o}async ask(t,e=!1){let o=this.#n({kind:"counting",what:t,withPinned:e});try{let n=await this.#t.count({...t,pinned:e});o===this.#i&&this.#n({kind:"asking",what:t,withPinned:e,count:n})}catch(n){o===this.#i&&this.#r({kind:"failed",error:y(n)})}}cancel(){(this.state.kind==="counting"||this.state.kind==="asking")&&this.#n(x)}async agree(){let{state:t}=this;if(t.kind!=="asking"||t.count.captures===0)return;let{what:e,withPinned:o,count:n}=t,s=this.#n({kind:"counting",what:e,withPinned:o});try{let r=await this.#t.remove({...e,pinned:o,until:n.until},n.captures,V);if(s!==this.#i)return;let{deletion_id:a,captures:l}=r;this.#n({kind:"waiting",what:e,id:a,captures:l,due:Date.now()+V*1e3}),this.#a(V*1e3,()=>{this.#n({kind:"working",what:e,id:a,captures:l}),this.#a(qt,()=>this.#r({kind:"failed",error:new m("timeout")}))})}catch(r){let a=y(r);throw s===this.#i&&(a.code==="count_changed"?await this.ask(e,o):this.#n({kind:"asking",what:e,withPinned:o,count:n})),a}}async undo(){let{state:t}=this;if(t.kind==="waiting")try{await this.#t.undo(t.id),this.#r({kind:"taken_back"})}catch(e){let o=y(e);o.code!=="deletion_over"&&this.#r({kind:"failed",error:o})}}take(t){let{state:e}=this;t.event!=="deletion"||e.kind!=="waiting"&&e.kind!=="working"||e.id!==t.deletion_id||this.#r(t.error===null?{kind:"done",captures:t.captures??e.captures}:{kind:"failed",error:new m(t.error)})}lost(){this.state.kind!=="none"&&this.#n(x)}stop(){this.#i+=1,this.#s?.(),this.#s=null,this.state=x}takes(t){let{state:e}=this;if(e.kind!=="waiting"&&e.kind!=="working")return!1;let{ids:o,rooms:n,since:s,until:r,outcomes:a}=e.what;return(!o||o.includes(t.id))&&(!n||n.includes(t.room_id))&&(s===void 0||t.started>=s)&&(r===void 0||t.started<r)&&(!a||a.some(l=>l===t.outcome))}#n(t){return this.#s?.(),this.#s=null,this.state=t,this.#i+=1,this.#e(),this.#i}#r(t){this.#n(t),this.#a(Ft,()=>this.#n(x))}#a(t,e){this.#s=this.#o(e,t)}};var D=class{id=null;detail=null;listened=null;#t;#e=!1;constructor(t){this.#t=t}toggle(t,e){this.id=this.id===t?null:t,this.listened=null,this.#e=!0,e.open(this.id),this.id&&(this.#i(this.id),this.#o()),this.#t.changed()}keepTo(t){this.id&&!t.has(this.id)&&(this.id=null)}take(t){t.event==="listened"&&this.id&&this.#i(this.id)}measured(t,e){if(!this.id||t===0)return!1;let o=this.#e;return this.#e=!1,e.open(this.id,t),o}async#o(){try{this.detail??=await this.#t.load(),this.#t.changed()}catch{this.#t.failed(new m("unreadable"))}}#i(t){this.#t.api.listened([t]).then(e=>{this.id===t&&(this.listened=e,this.#t.changed())},()=>{})}};var L=class{state="idle";id=null;error=null;#t;#e;#o=null;#i=null;#s=null;constructor(t,e){this.#t=t,this.#e=e}get position(){return this.#i?this.#o?.currentTime??0:0}get length(){let t=this.#i?this.#o?.duration??0:0;return Number.isFinite(t)?t:0}stateOf(t){return this.id===t?this.state:"idle"}async toggle(t){this.id!==t||!this.#i?await this.play(t):this.state==="playing"?this.#o?.pause():await this.#n()}async play(t){this.stop(),this.id=t,this.state="loading",this.#e();let e=new AbortController;this.#s=e;try{let o=await this.#t.fetch(t,e.signal);if(e.signal.aborted)return;this.#i=this.#t.address(o),this.#o??=this.#a(this.#t.audio()),this.#o.src=this.#i}catch(o){e.signal.aborted||this.#r(y(o));return}await this.#n()}seek(t){this.#o&&this.#i&&(this.#o.currentTime=Math.min(Math.max(t,0),this.length||t),this.#e())}stop(){this.#s?.abort(),this.#s=null,this.#o?.pause(),this.#i&&(this.#t.revoke(this.#i),this.#i=null),this.id=null,this.state="idle",this.error=null,this.#e()}async#n(){try{await this.#o?.play()}catch(t){t instanceof DOMException&&t.name==="AbortError"||this.#r(new m("not_playable"))}}#r(t){let{id:e}=this;this.stop(),this.id=e,this.error=t,this.#e()}#a(t){let e=o=>()=>{this.#i&&(this.state=o,this.#e())};return t.addEventListener("playing",e("playing")),t.addEventListener("pause",e("paused")),t.addEventListener("ended",e("paused")),t.addEventListener("durationchange",()=>this.#e()),t.addEventListener("timeupdate",()=>this.#e()),t}};var M=class{ids=null;#t;constructor(t){this.#t=t}has(t){return this.ids?.has(t)??!1}begin(){this.#e(new Set)}end(){this.#e(null)}flip(t){let e=new Set(this.ids);return!e.delete(t)&&e.size<it&&e.add(t),this.#e(e),e.has(t)}#e(t){this.ids=t,this.#t()}};var H=class{#t=new Map;#e=0;assign(t,e){let o=this.#t,n=new Set(t).add(e??""),s=[...o].filter(([a])=>!n.has(a)).map(([,a])=>a),r=t.map(a=>o.get(a)??s.pop()??this.#e++);return this.#t=new Map(t.map((a,l)=>[a,r[l]??0])),r}};var Pt=240,zt=2e3,Bt=800,O=class{top=0;height=Bt;current=null;focus=null;#t=0;#e=null;rows(t){let[e]=t.between(this.top-Pt,this.top),o=Math.ceil((this.height+2*Pt)/80)+1;return[e,Math.min(e+o,t.rows.length)]}nearsEnd(t){return t.height-this.top-this.height<zt}go(t){this.#t=t}show(t,e){let o=t.top+e.heightOf(t);t.top<this.top?this.go(t.top):o>this.top+this.height&&this.go(Math.min(t.top,o-this.height))}letGo(){this.#e=null}willDraw(t,e){this.current&&!t.has(this.current)&&(this.current=null),this.top=this.#t??e;let o=this.#e&&t.row(this.#e.id);if(this.#e&&o&&this.#t===null&&this.top>0){let n=o.top-this.#e.top;n!==0&&(this.#t=this.top+=n)}}drawn(t,e){this.#t!==null&&(e.scrollTop=this.#t,this.#t=null),this.top=e.scrollTop,this.height=e.clientHeight;let o=t.rows.slice(...this.rows(t)).find(n=>n.top>=this.top);this.#e=o?{id:o.id,top:o.top}:null}};var Kt=3e4,Vt=300,C=class{house;history;player;deletion;access;notice;deeds;opened;selected;arrivals;viewport=new O;rows=[];#t=new H;#e;#o;#i;constructor(t,e,o,n=J){let{changed:s,save:r,words:a,dialog:l}=e,{api:h}=t,p=new Z(n),u=new R(a,p,s),g=$t(a,l,u.fail),b=(f,Rt)=>h.sound(f,Rt),k=new L({...e.sounds,fetch:b},s),Tt=f=>a()?.dayKey(f)??"",N=new st(t,Tt,s,n,o),w=new A(h,()=>this.#n(),n),Et=()=>k.stop(),I=new _({house:t,history:N,timers:p,notice:u,ask:g,quiet:Et}),Y=new M(s),St={api:h,history:N,player:k,deletion:w,access:I,notice:u,ask:g,save:r,agreed:()=>Y.end()};this.deeds=new j(St);let _t=()=>import("./history-detail.js"),G=new D({api:h,load:_t,failed:u.fail,changed:s});this.arrivals=new W(p,s),this.#i=t.listen({event:f=>{w.take(f),G.take(f)},changed:({state:f})=>{f==="offline"&&(w.lost(),k.stop(),I.locked())}}),this.#o=p,this.#e=e,this.house=t,this.history=N,this.player=k,this.deletion=w,this.access=I,this.notice=u,this.selected=Y,this.opened=G,this.#r()}stop(){this.history.stop(),this.deletion.stop(),this.player.stop(),this.#i(),this.#o.stop()}filter=t=>{if(t.text){this.#o.after("typing",Vt,()=>this.#s(t));return}t.text===""&&this.#o.end("typing"),this.#s(t)};choose(t){this.selected.ids?this.selected.flip(t):(this.viewport.current=t,this.opened.toggle(t,this.history.timeline))}escape(t){this.viewport.focus=t,this.opened.id?this.opened.toggle(this.opened.id,this.history.timeline):this.selected.end()}focused(t){t&&t!==this.viewport.current&&(this.viewport.current=t,this.#e.changed())}goTo(t){let{timeline:e}=this.history,o=e.rows[t];o&&(this.viewport.current=this.viewport.focus=o.id,this.viewport.show(o,e),this.#e.changed())}scrolled=()=>{this.viewport.letGo(),this.#e.changed()};measured(t){let{timeline:e}=this.history,o=this.opened.measured(t,e)&&e.row(this.opened.id??"");o&&this.viewport.show(o,e),this.#e.changed()}toTop=()=>{this.viewport.go(0),this.#e.changed()};willDraw(t){let{timeline:e,came:o}=this.history;this.opened.keepTo(e),this.viewport.willDraw(e,t),this.arrivals.take(o,this.viewport.top===0);let[n,s]=this.viewport.rows(e),r=e.rows.slice(n,s),a=r.map(h=>h.id),l=this.#t.assign(a,this.viewport.current);this.rows=r.map((h,p)=>({row:h,at:n+p,slot:l[p]??0}))}drawn(t){let{history:e,viewport:o}=this,{timeline:n}=e;o.drawn(n,t),e.mend(...o.rows(n)),o.nearsEnd(n)&&e.more()}#s(t){this.viewport.go(0),this.history.setFilter(t)}#n(){this.#e.dialog()?.refresh?.(),this.#e.changed(),this.#r()}#r(){let t=this.deletion.state.kind==="waiting";this.#o.after("tick",t?1e3:Kt,()=>{this.#e.changed(),this.#r()})}};var Xt="earshot-history",Yt=6e4,X=class extends q{static styles=[et,Q(mt)];static properties={...q.properties,config:{state:!0},filtering:{state:!0}};layout;preview=!1;#t=null;#e=null;#o=new ResizeObserver(()=>{this.#e&&this.#t?.measured(this.#e.offsetHeight)});constructor(){super(),this.config=null,this.filtering=!1}setConfig(t){this.config=t,this.#t&&(this.#t.history.device=t.device??null)}enter(t){let e={sounds:{audio:()=>new Audio,address:o=>URL.createObjectURL(o),revoke:o=>URL.revokeObjectURL(o)},words:()=>this.words,dialog:()=>this.renderRoot.querySelector("earshot-dialog"),save:Qt,changed:()=>this.requestUpdate()};this.#t=new C(t,e,this.config?.device),this.words&&this.#t.history.start()}leave(){this.#t?.stop(),this.#t=null}willUpdate(t){let e=this.#t;e&&t.has("words")&&e.history.start(),e?.willDraw(this.#i?.scrollTop??0)}render(){let{words:t,config:e}=this,o=this.#t;if(!o||!t)return d`<ha-card></ha-card>`;let{history:n,deletion:s,selected:r,notice:a}=o,l=Gt(o),h=Date.now();return d`
      <ha-card class=${this.layout==="grid"?"":"card-without-height"}>
        <header>
          <h2>${e?.title||this.#s(t,o)}</h2>
          ${n.rooms.length>0?pt(t,o,this.filtering,this.#n):c}
        </header>
        ${this.filtering?kt(t,o):c}
        ${xt(t,o,l)}
        ${n.phase==="list"?gt(t,o,h):vt(t,n,l)}
        ${r.ids?ut(t,o,r.ids):c}
        ${bt(t,s.state,a.text,h,()=>{s.undo()})}
      </ha-card>
      <earshot-dialog></earshot-dialog>
    `}updated(){let t=this.#t,e=this.#i;if(!t||!e)return;t.drawn(e);let{viewport:o,opened:n}=t;if(o.focus){let r=this.renderRoot.querySelector(`[data-id="${o.focus}"]`);r&&(o.focus=null,r.focus({preventScroll:!0}))}let s=n.id?this.renderRoot.querySelector(".detail"):null;s!==this.#e&&(this.#e=s,this.#o.disconnect(),s&&this.#o.observe(s))}get#i(){return this.renderRoot.querySelector(".scroller")}#s(t,{history:e}){let[o]=e.rooms;return this.config?.device&&o?o.name:t.text("history.title")}#n=()=>{this.filtering=!this.filtering}};ot(Xt,X);function Gt({history:i,access:t,filter:e}){return{clear:()=>e(nt),retry:()=>i.retry(),code:t.giveCode,unlock:t.unlock}}function Qt(i){let t=URL.createObjectURL(i),e=document.createElement("a");e.href=t,e.download="earshot.zip",e.click(),setTimeout(()=>URL.revokeObjectURL(t),Yt)}export{X as HistoryElement,Xt as element};
